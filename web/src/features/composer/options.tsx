import type { Client, Person, Room } from '@chirm/client';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import type { Emoji, EmojiSet } from '../../lib/emoji/emoji';
import { findEmojis } from '../../lib/emoji/emoji';
import { Avatar } from '../../ui/Avatar';
import { RoomGlyph } from '../../ui/RoomGlyph';
import { COMMANDS, type Command } from './commands';
import { best, type CompletionQuery, people } from './completionQuery';

/** One line of the list: how it looks, and what stands in the text when it is chosen. */
export interface Option {
  id: string;
  insert: string;
  icon: ReactNode;
  label: string;
  note: string;
}

interface Known {
  client: Client;
  room: Room;
  emojis: EmojiSet | null;
  t: TFunction;
}

/** What may be meant by what is being typed. */
export function optionsFor(query: CompletionQuery, { client, room, emojis, t }: Known): Option[] {
  const { members, people: known, me, rooms } = client.store.get();
  switch (query.kind) {
    case 'person': {
      const everybody = members[room.id]?.map((member) => ({ ...member, id: member.user })) ?? Object.values(known);
      return people(
        everybody.filter((person) => person.id !== me?.id),
        query.text,
      ).map(personOption);
    }
    case 'channel': {
      const channels = Object.values(rooms).filter(({ kind }) => kind === 'channel');
      return best(channels, query.text, ({ name }) => [name ?? '']).map(channelOption);
    }
    case 'emoji':
      return emojis ? findEmojis(emojis, query.text).map(emojiOption) : [];
    case 'command': {
      const allowed = COMMANDS.filter(({ name, allowed }) => name.startsWith(query.text) && allowed(room));
      return allowed.map((command) => commandOption(command, t));
    }
  }
}

function personOption({ id, username, display_name }: Person): Option {
  const icon = <Avatar id={id} name={display_name} size="small" />;
  return { id, insert: `@${username} `, icon, label: display_name, note: `@${username}` };
}

function channelOption({ id, kind, name, topic }: Room): Option {
  return { id, insert: `#${name} `, icon: <RoomGlyph kind={kind} />, label: name ?? '', note: topic };
}

function emojiOption({ emoji, label, names }: Emoji): Option {
  const icon = (
    <span aria-hidden className="grid size-7 shrink-0 place-items-center text-xl">
      {emoji}
    </span>
  );
  return { id: emoji, insert: `${emoji} `, icon, label: `:${names[0] ?? label}:`, note: label };
}

function commandOption({ name, takes }: Command, t: TFunction): Option {
  const icon = (
    <span
      aria-hidden
      className="grid size-7 shrink-0 place-items-center rounded-lg bg-well font-bold font-mono text-soft"
    >
      /
    </span>
  );
  return {
    id: name,
    insert: takes === 'nothing' ? `/${name}` : `/${name} `,
    icon,
    label: `/${name}`,
    note: t(`command.help_${name}`),
  };
}
