import type { Member, Uuid } from '../generated';
import { strangers } from '../select/lists';
import type { State } from '../state/types';
import { type Engine, isOnline } from './engine';

const PAGE = 200;
const IDS = 100;
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Names, members and presence, fetched where they are shown. */
export class People {
  readonly #engine: Engine;
  readonly #asked = new Set<Uuid>();

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.store.subscribe((state, previous) => this.#notice(state, previous));
  }

  async loadMembers(room: Uuid): Promise<void> {
    const { ports, store } = this.#engine;
    const members: Member[] = [];
    let cursor: string | undefined;
    do {
      const page = await ports.api.members(room, { limit: PAGE, ...(cursor ? { cursor } : {}) });
      members.push(...page.members);
      cursor = page.next_cursor ?? undefined;
    } while (cursor && members.length < this.#mostMembers());
    store.dispatch({ type: 'members', room, members });
  }

  async loadPresence(room: Uuid): Promise<void> {
    if (!isOnline(this.#engine)) return;
    const { link, store } = this.#engine;
    store.dispatch({ type: 'presence', ...(await link.request('presence', { room })) });
  }

  /** The other sides of direct rooms are always in the list, so their presence is always shown. */
  async loadPeers(): Promise<void> {
    const { link, store } = this.#engine;
    const users = Object.values(store.get().rooms).flatMap((room) => (room.peer ? [room.peer.id] : []));
    if (users.length === 0) return;
    store.dispatch({ type: 'presence', ...(await link.request('presence', { users: users.slice(0, PAGE) })) });
  }

  #mostMembers(): number {
    return this.#engine.store.get().server?.limits.presence_members ?? PAGE;
  }

  /** Of a large room only a number was told; once it is no more than small, who is there and what each has read are wanted. */
  #shrunk(state: State, previous: State): Uuid[] {
    if (state.rooms === previous.rooms) return [];
    const most = this.#mostMembers();
    const wasLarge = (room: Uuid) => (previous.rooms[room]?.members ?? 0) > most;
    return Object.values(state.rooms).flatMap(({ id, members }) =>
      members <= most && wasLarge(id) && state.members[id] ? [id] : [],
    );
  }

  async #learn(room: Uuid): Promise<void> {
    try {
      await Promise.all([this.loadMembers(room), this.loadPresence(room)]);
    } catch {
      // It is asked again when somebody looks at the members.
    }
  }

  #notice(state: State, previous: State): void {
    for (const room of this.#shrunk(state, previous)) void this.#learn(room);
    if (state.originals !== previous.originals) {
      void this.meet(
        Object.values(state.originals).flatMap((held) => Object.values(held).map((one) => one?.author ?? null)),
      );
    }
    if (state.timelines === previous.timelines) return;
    const changed = Object.keys(state.timelines).filter((room) => state.timelines[room] !== previous.timelines[room]);
    void this.meet(changed.flatMap((room) => strangers(state, room)));
  }

  /** Asks for the names of people that nobody has told yet; what is no user's id is not found and does no harm. */
  async meet(ids: readonly (Uuid | null)[]): Promise<void> {
    const { people } = this.#engine.store.get();
    const unknown = ids.filter((id): id is Uuid => id !== null && UUID.test(id) && !people[id] && !this.#asked.has(id));
    const users = [...new Set(unknown)].slice(0, IDS);
    if (users.length === 0) return;
    for (const user of users) this.#asked.add(user);
    try {
      const found = await this.#engine.ports.api.usersById(users);
      this.#engine.store.dispatch({ type: 'people', people: found.users });
    } catch {
      for (const user of users) this.#asked.delete(user);
    }
  }
}
