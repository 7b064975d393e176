import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);

/** Offers `virtual:emoji/<language>`: what the picker and the names in a text need, and nothing else of the data set. */
const NAME = /^\0?virtual:emoji\/([a-z]+)$/;

interface Source {
  hexcode: string;
  emoji: string;
  label: string;
  group?: number;
  version: number;
  tags?: string[];
  skins?: { emoji: string; tone?: number | number[] }[];
}

type Shortcodes = Record<string, string | string[]>;

export function emojiData(): Plugin {
  return {
    name: 'emoji-data',
    resolveId: (id) => (NAME.test(id) ? `\0${id}` : undefined),
    load: (id) => {
      const language = NAME.exec(id)?.[1];
      return language && `export default JSON.parse(${JSON.stringify(JSON.stringify(packed(language)))})`;
    },
  };
}

function packed(language: string) {
  const list = require(`emojibase-data/${language}/data.json`) as Source[];
  const { groups, skinTones } = require(`emojibase-data/${language}/messages.json`);
  // Short names are one vocabulary for everybody, whatever language the rest is in.
  const sources = ['github', 'emojibase'].map(
    (name) => require(`emojibase-data/en/shortcodes/${name}.json`) as Shortcodes,
  );
  const names = (hexcode: string) => [...new Set(sources.flatMap((source) => source[hexcode] ?? []))];
  return {
    groups: groups.map((group: { order: number; message: string }) => [group.order, group.message]),
    tones: skinTones.map((tone: { key: string; message: string }) => [tone.key, tone.message]),
    emojis: list
      .filter((emoji) => emoji.group !== undefined)
      .map(({ hexcode, emoji, label, group, version, tags = [], skins = [] }) => {
        const tones = skins.filter(({ tone }) => typeof tone === 'number').map((skin) => skin.emoji);
        return [
          emoji,
          label,
          group,
          version,
          names(hexcode).join(' '),
          tags.join(' '),
          ...(tones.length > 0 ? [tones] : []),
        ];
      }),
  };
}
