import type { Clock } from '../clock';
import type { Uuid } from '../generated';
import type { Dial } from '../link/types';
import type { Api } from '../rest/api';
import type { Snapshot } from '../state/snapshot';
import type { Queued } from '../state/types';

/** What survives a reload. May be empty or fail (private windows): then things work, but only as long as the page lives. */
export interface Vault {
  queue(): Promise<Queued[]>;
  putQueued(queued: Queued): Promise<void>;
  removeQueued(clientId: Uuid): Promise<void>;
  snapshot(): Promise<Snapshot | null>;
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  clear(): Promise<void>;
}

export type TabNews = 'queue' | 'signed_in' | 'signed_out';

/** The other tabs of the same browser. */
export interface Tabs {
  /** Runs while no other tab runs under the same name. */
  exclusively(name: string, run: () => Promise<void>): Promise<void>;
  tell(news: TabNews): void;
  listen(hear: (news: TabNews) => void): void;
}

/** The world, handed in: nothing in this package reaches for a global. */
export interface Ports {
  dial: Dial;
  api: Api;
  clock: Clock;
  vault: Vault;
  tabs: Tabs;
  random(): number;
  uuid(): string;
}
