import type { Message, Timestamp, Uuid } from '../generated';
import type { Queued } from '../state/types';
import type { Joined } from './joins';

export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: 'new' }
  /** Who came in between two messages, folded into one line. */
  | { kind: 'joined'; key: string; users: readonly Uuid[]; at: number }
  /** `head`: shows who wrote it; the following ones of the same author within five minutes do not. */
  | { kind: 'message'; key: string; message: Message; head: boolean }
  | { kind: 'queued'; key: string; queued: Queued; head: boolean };

const GROUP_MS = 5 * 60_000;

interface Previous {
  author: string;
  at: number;
  notice: boolean;
}

export interface RowsInput {
  /** Contiguous; may be a part of what is held. */
  messages: readonly Message[];
  queue: readonly Queued[];
  /** The New divider stands after this seq; null where there is none. */
  newAfter: number | null;
  /** Who came when, ascending; only what belongs before, between or after these messages. */
  joined?: readonly Joined[];
  /** Start of the local day of a time; a parameter because the time zone is the page's. */
  dayOf(ms: number): number;
}

/** What a timeline shows, top to bottom. */
export function rows({ messages, queue, newAfter, joined = [], dayOf }: RowsInput): Row[] {
  const out: Row[] = [];
  let previous: Previous | null = null;
  let came = 0;
  const pushJoined = (until: number) => {
    const from = came;
    while ((joined[came]?.at ?? Number.POSITIVE_INFINITY) <= until) came += 1;
    const folded = joined.slice(from, came);
    const [first] = folded;
    if (!first) return;
    const broken = pushDay(out, previous, first.at, dayOf);
    if (broken) previous = { author: '', at: first.at, notice: true };
    out.push({ kind: 'joined', key: `j${first.user}`, users: folded.map(({ user }) => user), at: first.at });
  };
  for (const message of messages) {
    const at = ms(message.created_at);
    pushJoined(at);
    const broken = pushDay(out, previous, at, dayOf) || out.at(-1)?.kind === 'joined';
    const divides = newAfter !== null && message.seq === newAfter + 1;
    if (divides) out.push({ kind: 'new', key: 'new' });
    const notice = message.client_id === null;
    const head = broken || divides || starts(previous, message.author, at) || notice !== previous?.notice;
    out.push({ kind: 'message', key: keyOf(message), message, head });
    previous = { author: message.author, at, notice };
  }
  pushJoined(Number.MAX_SAFE_INTEGER);
  for (const queued of queue) {
    const broken = pushDay(out, previous, queued.created_at, dayOf) || out.at(-1)?.kind === 'joined';
    const head = broken || starts(previous, queued.author, queued.created_at);
    out.push({ kind: 'queued', key: queued.client_id, queued, head });
    previous = { author: queued.author, at: queued.created_at, notice: false };
  }
  return out;
}

/** A message keeps its key when it gets its place, so that the row stays where it is. */
function keyOf(message: Message): string {
  return message.client_id ?? `s${message.seq}`;
}

function pushDay(out: Row[], previous: Previous | null, at: number, dayOf: (ms: number) => number): boolean {
  const day = dayOf(at);
  // A queued message bears this device's time, which may lag behind the server's.
  if (previous && dayOf(previous.at) >= day) return false;
  out.push({ kind: 'day', key: `d${day}`, at: day });
  return true;
}

function starts(previous: Previous | null, author: string, at: number): boolean {
  return previous === null || previous.author !== author || at - previous.at > GROUP_MS;
}

function ms(at: Timestamp): number {
  return Date.parse(at);
}
