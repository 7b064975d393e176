import type { TabNews, Tabs } from '@chirm/client';
import { basePath } from './base';

/** Other tabs of this server in this browser. Web Locks need a secure page; without them `client_id` still prevents doubles. */
export function browserTabs(): Tabs {
  const channel = new BroadcastChannel(`chirm${basePath}`);
  const locks: LockManager | undefined = navigator.locks;
  return {
    async exclusively(name, run) {
      if (locks) await locks.request(`${name}${basePath}`, run);
      else await run();
    },
    tell: (news) => channel.postMessage(news),
    listen: (hear) => {
      channel.onmessage = (message: MessageEvent<TabNews>) => hear(message.data);
    },
  };
}
