import { hueOf } from '../src/lib/voice';

export const PASSWORD = 'a long enough sentence';
export const ROOM = 'release';
/** In degrees of hue. */
const APART = 25;

/** Who says what in the channel, how many minutes before the picture, and to what it is an answer. */
const TALK: [minutesAgo: number, who: string, body: string, replyTo?: number][] = [
  [52, 'amira', 'Morning! The **release notes** of 2.4 are ready for a last look: https://example.org/notes/2.4'],
  [50, 'jonas', 'Reading them now. Do we say what becomes of old exports?'],
  [49, 'amira', 'Yes, in the second paragraph: those of 2.3 stay readable, new ones are half the size.', 2],
  [
    43,
    'mei',
    'The upgrade of staging took eleven seconds:\n\n```sh\n# a look, then the change\nship migrate --dry-run\nship deploy --to "staging"\n```',
  ],
  [42, 'mei', 'Nothing to do by hand 🎉'],
  [34, 'jonas', 'Then three things are left:\n\n1. screenshots\n2. the checklist for support\n3. telling @tomas'],
  [23, 'tomas', 'No need to 👋 I take the checklist.'],
  [21, 'mei', '@amira shall I take the screenshots, in both themes?'],
  [20, 'amira', 'Please do, @mei. We ship at noon.'],
  [2, 'jonas', 'The tag is signed and pushed.'],
];

const PEOPLE = { amira: 'Amira', jonas: 'Jonas', mei: 'Mei', tomas: 'Tomás', priya: 'Priya' };

const CHANNELS: [name: string, topic: string][] = [
  ['announcements', 'What everybody should know'],
  ['random', 'Anything else'],
  ['support', 'Questions of customers'],
  ['design', 'Look and words'],
  [ROOM, 'What ships, and when'],
];

export interface Team {
  room: string;
  /** By the number of the message. */
  minutesAgo: readonly (number | undefined)[];
  /** How many messages are Amira's, whose pages are shown. */
  mine: number;
  last: string;
}

type Answer = Record<string, { id: string } & Record<string, unknown>> & { token: string };

/** Each two of some hues, in degrees, are told apart at a glance. */
function areApart(hues: readonly number[]): boolean {
  const around = [...hues].sort((a, b) => a - b);
  return around.every((hue, i) => ((around[(i + 1) % around.length] ?? 0) - hue + 360) % 360 > APART);
}

/**
 * A team in the middle of a morning: rooms, unread messages, a mention, direct messages. Null where chance gave people
 * colours that look alike, and a picture would not show that each has one.
 */
export async function fillTeam(url: string): Promise<Team | null> {
  const tokens: Record<string, string> = {};
  const call = async (who: string, method: string, path: string, body: object = {}): Promise<Answer> => {
    const answer = await fetch(`${url}api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(tokens[who] && { authorization: `Bearer ${tokens[who]}` }) },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  };
  const say = (who: string, room: string, body: string, reply_to?: number) =>
    call(who, 'POST', `/rooms/${room}/messages`, {
      client_id: crypto.randomUUID(),
      body,
      ...(reply_to && { reply_to }),
    });

  const hues: number[] = [];
  for (const [username, display_name] of Object.entries(PEOPLE)) {
    const account = { username, password: PASSWORD, display_name };
    const { token, user } = await call(username, 'POST', '/auth/register', account);
    tokens[username] = token;
    hues.push(hueOf(user?.id ?? ''));
  }
  if (!areApart(hues)) return null;
  const rooms: Record<string, string> = {};
  for (const [name, topic] of CHANNELS) {
    const { room } = await call('amira', 'POST', '/rooms', { kind: 'channel', name, topic });
    rooms[name] = room?.id ?? '';
    for (const who of ['jonas', 'mei', 'tomas']) await call(who, 'POST', `/rooms/${rooms[name]}/join`);
  }
  const room = (name: string) => rooms[name] ?? '';
  await call('jonas', 'POST', '/rooms', { kind: 'group', name: 'Leads', members: ['amira', 'tomas'] });
  for (const name of [ROOM, 'design']) await call('amira', 'PATCH', `/rooms/${room(name)}`, { favourite: true });
  for (const body of ['The new icons are in the folder', '@amira which of the two headers?']) {
    await say('mei', room('design'), body);
  }
  for (const body of ['The good coffee is back', 'Third floor, while it lasts ☕'])
    await say('tomas', room('random'), body);
  for (const [, who, body, replyTo] of TALK) await say(who, room(ROOM), body, replyTo);
  for (const [who, body] of [
    ['priya', 'Back on Monday'],
    ['mei', 'Thank you!'],
    ['tomas', 'Lunch at one?'],
  ] as const) {
    const { room: direct } = await call(who, 'POST', '/direct', { user: 'amira' });
    await say(who, direct?.id ?? '', body);
    if (who !== 'tomas') await call('amira', 'PUT', `/rooms/${direct?.id}/read`, { seq: 1 });
  }
  return {
    room: room(ROOM),
    minutesAgo: [undefined, ...TALK.map(([minutes]) => minutes)],
    mine: TALK.filter(([, who]) => who === 'amira').length,
    last: 'signed and pushed',
  };
}
