import type { Member, Room, Timestamp, Uuid } from '../generated';

export interface Joined {
  user: Uuid;
  /** Clock time. */
  at: number;
}

/** Who is there within this time of a room's making was there from its beginning. */
const FOUNDING_MS = 5_000;

/**
 * Who came in while a stretch of the log was written, ascending. Coming and going are state and not part of the log, so
 * this tells of those who are still there, to everybody the same.
 */
export function joins(
  room: Pick<Room, 'created_at'>,
  members: readonly Member[],
  between: { from: Timestamp | undefined; to: Timestamp | undefined },
): Joined[] {
  const founded = Date.parse(room.created_at) + FOUNDING_MS;
  const from = between.from === undefined ? founded : Math.max(founded, Date.parse(between.from));
  const to = between.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(between.to);
  return members
    .map(({ user, joined_at }) => ({ user, at: Date.parse(joined_at) }))
    .filter(({ at }) => at > from && at <= to)
    .sort((a, b) => a.at - b.at);
}
