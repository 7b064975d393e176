import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);

/** A piece of code: text, and what kind of thing it is to its language. */
export type Piece = string | { kind: string; pieces: Piece[] };

type Node = ReturnType<typeof lowlight.highlight>['children'][number];

/** Longer than a message can be; nothing that comes from elsewhere may keep the page busy. */
const MOST = 20_000;

/** The parts of a program, or null where the language is not known. A tree of values: no markup is made from text. */
export function highlight(code: string, language: string): Piece[] | null {
  if (code.length > MOST || !lowlight.registered(language)) return null;
  return lowlight.highlight(language, code).children.flatMap(piece);
}

function piece(node: Node): Piece[] {
  if (node.type === 'text') return [node.value];
  if (node.type !== 'element') return [];
  const names = node.properties.className;
  const kind = Array.isArray(names) ? String(names[0] ?? '') : '';
  return [{ kind: KINDS[kind.replace(/^hljs-/, '')] ?? '', pieces: node.children.flatMap(piece) }];
}

/** What is shown alike has one name here. Whatever is not in this list looks like the text around it. */
const KINDS: Readonly<Record<string, string>> = {
  comment: 'comment',
  quote: 'comment',
  keyword: 'keyword',
  'selector-tag': 'keyword',
  operator: 'keyword',
  doctag: 'keyword',
  name: 'name',
  title: 'name',
  section: 'name',
  'selector-id': 'name',
  'selector-class': 'name',
  string: 'string',
  regexp: 'string',
  addition: 'string',
  'meta-string': 'string',
  char: 'string',
  number: 'number',
  literal: 'number',
  symbol: 'number',
  bullet: 'number',
  link: 'number',
  type: 'type',
  built_in: 'type',
  attr: 'type',
  attribute: 'type',
  property: 'type',
  variable: 'variable',
  'template-variable': 'variable',
  params: 'variable',
  'selector-attr': 'variable',
  'selector-pseudo': 'variable',
  deletion: 'deletion',
  meta: 'comment',
  tag: '',
};
