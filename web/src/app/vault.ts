import type { Queued, Snapshot, Vault } from '@chirm/client';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
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
    async putQueued(queued) {
      await (await database()).put('queue', queued);
    },
    removeQueued: async (clientId) => (await database()).delete('queue', clientId),
    snapshot: async () => (await (await database()).get('snapshot', 'last')) ?? null,
    async saveSnapshot(snapshot) {
      await (await database()).put('snapshot', snapshot, 'last');
    },
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

export async function saveDraft(room: string, text: string): Promise<void> {
  const db = await database();
  if (text) await db.put('drafts', text, room);
  else await db.delete('drafts', room);
}
