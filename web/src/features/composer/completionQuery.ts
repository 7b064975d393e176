import type { Person } from '@chirm/client';

export type CompletionKind = 'person' | 'channel' | 'emoji' | 'command';

export interface CompletionQuery {
  kind: CompletionKind;
  /** Where the sign stands. */
  start: number;
  text: string;
}

const SIGNS: Record<string, CompletionKind> = { '@': 'person', '#': 'channel', ':': 'emoji' };
const OPEN = /(?:^|[\s([{"'])([@#])([\p{L}\p{N}._-]{0,64})$/u;
/** Two letters, because a colon often is only a colon. */
const EMOJI = /(?:^|[\s([{"'])(:)([a-z0-9_+-]{2,32})$/iu;
const COMMAND = /^(\/)([a-z]*)$/iu;

/** What is being typed before the caret, if it is something that can be completed. */
export function completionQuery(text: string, caret: number): CompletionQuery | null {
  const before = text.slice(0, caret);
  const command = COMMAND.exec(before);
  const match = command ?? OPEN.exec(before) ?? EMOJI.exec(before);
  if (!match) return null;
  const [, sign = '', typed = ''] = match;
  return { kind: SIGNS[sign] ?? 'command', start: caret - typed.length - 1, text: typed.toLowerCase() };
}

const MOST = 6;

/** Who may be meant: names that begin so before names that contain it. */
export function people(list: readonly Person[], query: string): Person[] {
  return best(list, query, ({ username, display_name }) => [username, ...display_name.split(/\s+/)]);
}

/** The best few by any of their names. */
export function best<T>(list: readonly T[], query: string, namesOf: (entry: T) => readonly string[]): T[] {
  const rank = (names: readonly string[]) => {
    if (names.some((name) => name.startsWith(query))) return 0;
    return names.some((name) => name.includes(query)) ? 1 : 2;
  };
  return list
    .map((entry) => ({ entry, names: namesOf(entry).map((name) => name.toLowerCase()) }))
    .map(({ entry, names }) => ({ entry, first: names[0] ?? '', rank: rank(names) }))
    .filter((found) => found.rank < 2)
    .sort((a, b) => a.rank - b.rank || a.first.localeCompare(b.first))
    .slice(0, MOST)
    .map(({ entry }) => entry);
}
