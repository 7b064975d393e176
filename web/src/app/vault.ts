import type { Queued, Snapshot, Vault } from '@chirm/client';
import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB, type StoreNames } from 'idb';
import { basePath } from './base';

interface Schema extends DBSchema {
  queue: { key: string; value: Queued };
  snapshot: { key: 'last'; value: Snapshot };
  drafts: { key: string; value: string };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>(`chirm${basePath}`, 1, {
    upgrade(db) {
      db.createObjectStore('queue', { keyPath: 'client_id' });
      db.createObjectStore('snapshot');
      db.createObjectStore('drafts');
    },
  });
  return opened;
}

export function openVault(): Vault {
  return {
    queue: async () => (await database()).getAll('queue'),
    putQueued: (queued) => write('queue', (store) => store.put(queued)),
    removeQueued: async (clientId) => (await database()).delete('queue', clientId),
    snapshot: async () => (await (await database()).get('snapshot', 'last')) ?? null,
    saveSnapshot: (snapshot) => write('snapshot', (store) => store.put(snapshot, 'last')),
    /** What a person leaves behind on signing out. Their unsent messages stay: they are bound to the account. */
    async clear() {
      const db = await database();
      await Promise.all([db.clear('snapshot'), db.clear('drafts')]);
    },
  };
}

export async function loadDraft(room: string): Promise<string> {
  return (await (await database()).get('drafts', room)) ?? '';
}

export async function draftedRooms(): Promise<string[]> {
  return (await database()).getAllKeys('drafts');
}

export function saveDraft(room: string, text: string): Promise<void> {
  return write('drafts', (store) => (text ? store.put(text, room) : store.delete(room)));
}

type Store<N extends StoreNames<Schema>> = IDBPObjectStore<Schema, [N], N, 'readwrite'>;

/** One change, committed at once rather than when its answer was seen: a page that is closing sees no more answers. */
async function write<N extends StoreNames<Schema>>(name: N, change: (store: Store<N>) => unknown): Promise<void> {
  const transaction = (await database()).transaction(name, 'readwrite');
  change(transaction.objectStore(name));
  transaction.commit();
  await transaction.done;
}
