import { type Client, Failure, type Room } from '@chirm/client';
import type { ParseKeys } from 'i18next';
import { mayManageRoom } from '../details/mayManage';

/** What a command works with. */
export interface Situation {
  client: Client;
  room: Room;
  /** What stands behind the command, without the spaces around it. */
  rest: string;
  send(body: string): void;
  /** Opens what a command asks further. */
  ask(what: 'help' | 'leave'): void;
}

/** Why a command was not carried out: a sentence that says what to do instead. */
export class Refused extends Error {
  readonly sentence: ParseKeys;
  readonly values: Record<string, string>;

  constructor(sentence: ParseKeys, values: Record<string, string> = {}) {
    super(sentence);
    this.sentence = sentence;
    this.values = values;
  }
}

export type CommandName = 'me' | 'shrug' | 'invite' | 'topic' | 'mute' | 'leave' | 'help';

export interface Command {
  name: CommandName;
  /** Whether something has to stand behind it. */
  takes: 'nothing' | 'something' | 'maybe';
  allowed(room: Room): boolean;
  perform(situation: Situation): Promise<void> | void;
}

const always = () => true;
const notDirect = (room: Room) => room.kind !== 'direct';

export const COMMANDS: readonly Command[] = [
  { name: 'me', takes: 'something', allowed: always, perform: ({ rest, send }) => send(`_${rest}_`) },
  {
    name: 'shrug',
    takes: 'maybe',
    allowed: always,
    // Escaped, so that the underscores stay what they are.
    perform: ({ rest, send }) => send(`${rest} ¯\\\\\\_(ツ)\\_/¯`.trim()),
  },
  { name: 'invite', takes: 'something', allowed: mayManageRoom, perform: invite },
  { name: 'topic', takes: 'maybe', allowed: mayManageRoom, perform: ({ rest, ...at }) => change(at, { topic: rest }) },
  { name: 'mute', takes: 'nothing', allowed: always, perform: (at) => change(at, { muted: !at.room.muted }) },
  { name: 'leave', takes: 'nothing', allowed: notDirect, perform: ({ ask }) => ask('leave') },
  { name: 'help', takes: 'nothing', allowed: always, perform: ({ ask }) => ask('help') },
];

async function invite({ client, room, rest }: Situation): Promise<void> {
  const names = rest.split(/[\s,]+/).map((name) => name.replace(/^@/, ''));
  for (const name of names) {
    try {
      await client.api.putMember(room.id, name);
    } catch (cause) {
      if (cause instanceof Failure && cause.code === 'not_found') throw new Refused('command.nobody', { name });
      throw cause;
    }
  }
  await client.people.loadMembers(room.id);
}

async function change(
  { client, room }: Pick<Situation, 'client' | 'room'>,
  what: { topic?: string; muted?: boolean },
): Promise<void> {
  client.store.dispatch({ type: 'room', room: (await client.api.updateRoom(room.id, what)).room });
}

export type Parsed = { kind: 'text'; body: string } | { kind: 'command'; name: string; rest: string };

const WRITTEN = /^\/([a-z]+)(?:\s+([\s\S]*))?$/i;

/** A line that begins with one slash and a word is a command; with two, the text behind the first. */
export function parse(text: string): Parsed {
  if (text.startsWith('//')) return { kind: 'text', body: text.slice(1) };
  const match = WRITTEN.exec(text);
  if (!match) return { kind: 'text', body: text };
  return { kind: 'command', name: (match[1] ?? '').toLowerCase(), rest: match[2]?.trim() ?? '' };
}

/** The command of that name that may be used here, or why not. */
export function commandFor(room: Room, { name, rest }: { name: string; rest: string }): Command {
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) throw new Refused('command.unknown', { name });
  if (!command.allowed(room)) throw new Refused('command.not_here', { name });
  if (command.takes === 'something' && !rest) throw new Refused('command.incomplete', { name });
  return command;
}
