import type { HistoryReply, Message } from '../generated';
import type { PageDirection, Timeline } from './types';

export const emptyTimeline: Timeline = {
  messages: [],
  ahead: [],
  loaded: false,
  hasBefore: false,
  hasAfter: false,
  loading: null,
  failure: null,
};

/** How many messages outside the stretch are kept while they may still be needed. */
const AHEAD = 200;

/** Takes messages in any order and any number of times; the newest version of each wins. */
export function absorb(timeline: Timeline, incoming: readonly Message[], lastSeq: number): Timeline {
  const news = incoming.filter((message) => !holds(timeline, message));
  if (news.length === 0) return timeline;
  const waiting = newest([...timeline.ahead, ...news]).slice(-AHEAD);
  return timeline.loaded ? settle(timeline, timeline.messages, waiting, lastSeq) : { ...timeline, ahead: waiting };
}

/** The stretch has no hole, so a message's place in it follows from its seq. */
export function at(timeline: Timeline, seq: number): Message | undefined {
  return timeline.messages[seq - lowest(timeline.messages)];
}

function holds(timeline: Timeline, message: Message): boolean {
  const held = at(timeline, message.seq);
  return held !== undefined && held.rev >= message.rev;
}

export function takePage(timeline: Timeline, direction: PageDirection, page: HistoryReply, lastSeq: number): Timeline {
  const base = { ...timeline, loaded: true, loading: null, failure: null };
  const joined = joins(timeline, page.messages);
  if (direction === 'open' && !joined) {
    const fresh = { ...base, hasBefore: page.has_before };
    return settle(fresh, page.messages, timeline.ahead, lastSeq);
  }
  const hasBefore = lowest(page.messages) <= lowest(timeline.messages) ? page.has_before : timeline.hasBefore;
  const messages = newest([...timeline.messages, ...page.messages]);
  return settle({ ...base, hasBefore }, messages, timeline.ahead, lastSeq);
}

/** Whether a page overlaps or touches what is held, so that both make one stretch. */
function joins(timeline: Timeline, page: readonly Message[]): boolean {
  if (!timeline.loaded || timeline.messages.length === 0 || page.length === 0) return false;
  return lowest(page) <= highest(timeline.messages) + 1 && highest(page) >= lowest(timeline.messages) - 1;
}

/** Moves from `waiting` into the stretch what belongs there: newer versions, and what follows its end without a hole. */
function settle(timeline: Timeline, held: readonly Message[], waiting: readonly Message[], lastSeq: number): Timeline {
  const first = held.length > 0 ? lowest(held) : 1;
  let end = highest(held);
  const fits: Message[] = [];
  const rest: Message[] = [];
  for (const message of waiting) {
    const belongs = message.seq >= first && message.seq <= end + 1;
    (belongs ? fits : rest).push(message);
    if (message.seq === end + 1) end += 1;
  }
  // An older page may be on its way: then an older message's newer version must wait for it.
  const ahead = rest.filter((message) => message.seq > end || timeline.loading !== null);
  return { ...timeline, messages: extend(held, fits), ahead, hasAfter: end < lastSeq };
}

function extend(held: readonly Message[], fits: readonly Message[]): readonly Message[] {
  if (fits.length === 0) return held;
  return lowest(fits) > highest(held) ? [...held, ...fits] : newest([...held, ...fits]);
}

/** Ascending by seq, each seq once, in its highest rev. */
function newest(messages: readonly Message[]): Message[] {
  const bySeq = new Map<number, Message>();
  for (const message of messages) {
    const held = bySeq.get(message.seq);
    if (!held || message.rev > held.rev) bySeq.set(message.seq, message);
  }
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function lowest(messages: readonly Message[]): number {
  return messages[0]?.seq ?? Number.POSITIVE_INFINITY;
}

function highest(messages: readonly Message[]): number {
  return messages.at(-1)?.seq ?? 0;
}
