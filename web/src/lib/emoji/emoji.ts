import { i18n } from '../../app/i18n';
import { imported } from '../imported';

export interface Emoji {
  emoji: string;
  label: string;
  group: number;
  version: number;
  /** What stands between colons. */
  names: readonly string[];
  tags: readonly string[];
  /** Light to dark; only where there are such. */
  skins: readonly string[] | undefined;
}

export interface EmojiSet {
  list: readonly Emoji[];
  groups: readonly [number, string][];
  tones: readonly [string, string][];
  /** The name of what is in a text, also where its form differs by a selector or a skin tone. */
  labelOf(emoji: string): string | undefined;
  byName: ReadonlyMap<string, Emoji>;
}

/** Each language is a file of its own, fetched from where the page came from when an emoji is first wanted. */
const LANGUAGES: Record<string, () => Promise<{ default: PackedEmojis }>> = {
  en: () => imported(() => import('virtual:emoji/en')),
  de: () => imported(() => import('virtual:emoji/de')),
};

const loading = new Map<string, Promise<EmojiSet>>();
const loaded = new Map<string, EmojiSet>();

/** What is there already, without waiting. */
export function emojisAtHand(language = i18n.language ?? 'en'): EmojiSet | null {
  return loaded.get(Object.hasOwn(LANGUAGES, language) ? language : 'en') ?? null;
}

export function loadEmojis(language = i18n.language ?? 'en'): Promise<EmojiSet> {
  const known = Object.hasOwn(LANGUAGES, language) ? language : 'en';
  const load = loading.get(known) ?? LANGUAGES[known]?.().then(({ default: packed }) => unpacked(packed));
  if (!load) return Promise.reject(new Error(`no emoji in ${known}`));
  loading.set(known, load);
  load.then(
    (set) => loaded.set(known, set),
    () => loading.delete(known),
  );
  return load;
}

function unpacked(packed: PackedEmojis): EmojiSet {
  const words = (text: string) => (text ? text.split(' ') : []);
  const list = packed.emojis.map(([emoji, label, group, version, names, tags, skins]) => {
    return { emoji, label, group, version, names: words(names), tags: words(tags), skins };
  });
  const labels = new Map(
    list.flatMap(({ emoji, label, skins = [] }) => [emoji, ...skins].map((form) => [bare(form), label])),
  );
  return {
    list,
    groups: packed.groups,
    tones: packed.tones,
    labelOf: (emoji) => labels.get(bare(emoji)),
    byName: new Map(list.flatMap((emoji) => emoji.names.map((name) => [name, emoji]))),
  };
}

/** Without the selectors that ask for a coloured picture. */
function bare(emoji: string): string {
  return emoji.replaceAll('\uFE0F', '');
}

const MOST = 8;

/** What may be meant by the beginning of a short name: names that begin so, then names and words that contain it. */
export function findEmojis(set: EmojiSet, query: string): Emoji[] {
  const rank = ({ names, tags, label }: Emoji): number => {
    if (names.includes(query)) return 0;
    if (names.some((name) => name.startsWith(query))) return 1;
    if (tags.some((tag) => tag.startsWith(query))) return 2;
    return names.some((name) => name.includes(query)) || label.includes(query) ? 3 : 4;
  };
  return set.list
    .map((emoji, place) => ({ emoji, place, rank: rank(emoji) }))
    .filter((entry) => entry.rank < 4)
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .slice(0, MOST)
    .map((entry) => entry.emoji);
}
