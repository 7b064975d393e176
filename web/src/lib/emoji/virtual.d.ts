/** One emoji: itself, its name, its group, the version it came with, its short names, words to find it by, its skin tones. */
type PackedEmoji = [string, string, number, number, string, string, string[]?];

interface PackedEmojis {
  groups: [number, string][];
  tones: [string, string][];
  emojis: PackedEmoji[];
}

declare module 'virtual:emoji/en' {
  const data: PackedEmojis;
  export default data;
}
declare module 'virtual:emoji/de' {
  const data: PackedEmojis;
  export default data;
}
