import { type Clock, createApi, type Dial, type Fetch, Http, type Ports, type Vault } from '@chirm/client';
import { apiUrl, socketUrl } from './base';
import { browserTabs } from './browserTabs';
import { forgetDrafts } from './drafts';
import { later } from './later';
import { openVault } from './vault';

const clock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const dial: Dial = (events) => {
  const socket = new WebSocket(socketUrl(), 'chirm.v1');
  socket.onopen = () => events.opened();
  socket.onmessage = (message: MessageEvent<unknown>) => events.frame(String(message.data));
  socket.onclose = (close) => events.closed(close.code);
  return socket;
};

/** The server answers within five seconds, or it hangs; browsers themselves wait for minutes. */
const ANSWER_MS = 15_000;

/** Past the browser's cache, in which a question that hangs would hold up the next one for the same. */
const ask: Fetch = (url, init) => fetch(url, { ...init, cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS) });

export function browserPorts(): Ports {
  return {
    dial,
    clock,
    api: createApi(new Http(apiUrl, ask)),
    vault: browserVault(),
    tabs: browserTabs(),
    random: Math.random,
    uuid,
  };
}

/** Signing out leaves no notes either. */
function browserVault(): Vault {
  const vault = openVault();
  return {
    ...vault,
    async clear() {
      forgetDrafts();
      later.clearAll();
      await vault.clear();
    },
  };
}

/** `crypto.randomUUID` is missing on plain-http pages other than localhost. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
