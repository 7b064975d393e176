export interface MentionQuery {
  /** Where the at-sign stands. */
  start: number;
  text: string;
}

const OPEN = /(?:^|[\s([{"'])@([\p{L}\p{N}._-]{0,32})$/u;

/** The name that is being typed before the caret, if one is. */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const match = OPEN.exec(text.slice(0, caret));
  if (!match) return null;
  const typed = match[1] ?? '';
  return { start: caret - typed.length - 1, text: typed.toLowerCase() };
}

export interface Candidate {
  id: string;
  username: string;
  display_name: string;
}

const MOST = 6;

/** Who may be meant: names that begin so before names that contain it. */
export function candidates(people: readonly Candidate[], query: string): Candidate[] {
  const rank = ({ username, display_name }: Candidate) => {
    const names = [username.toLowerCase(), ...display_name.toLowerCase().split(/\s+/)];
    if (names.some((name) => name.startsWith(query))) return 0;
    return names.some((name) => name.includes(query)) ? 1 : 2;
  };
  return people
    .map((person) => ({ person, rank: rank(person) }))
    .filter((entry) => entry.rank < 2)
    .sort((a, b) => a.rank - b.rank || a.person.username.localeCompare(b.person.username))
    .slice(0, MOST)
    .map((entry) => entry.person);
}
