import { describe, expect, it } from 'vitest';
import { room } from '../../../packages/client/test/make';
import { COMMANDS, commandFor, parse, Refused } from './commands';

describe('a line with a slash', () => {
  it.each([
    ['/me waves', { kind: 'command', name: 'me', rest: 'waves' }],
    ['/ME  waves \n twice ', { kind: 'command', name: 'me', rest: 'waves \n twice' }],
    ['/help', { kind: 'command', name: 'help', rest: '' }],
    ['//help', { kind: 'text', body: '/help' }],
    ['/usr/bin is a folder', { kind: 'text', body: '/usr/bin is a folder' }],
    ['/ alone', { kind: 'text', body: '/ alone' }],
    ['hello /me', { kind: 'text', body: 'hello /me' }],
  ])('%s', (text, parsed) => {
    expect(parse(text)).toEqual(parsed);
  });
});

describe('a command', () => {
  const refusal = (name: string, rest = '', over = {}) => {
    try {
      commandFor(room(over), { name, rest });
    } catch (cause) {
      return cause instanceof Refused ? cause.sentence : cause;
    }
  };

  it('says what to do where it cannot be carried out', () => {
    expect(refusal('nonsense')).toBe('command.unknown');
    expect(refusal('me')).toBe('command.incomplete');
    expect(refusal('topic', 'new')).toBe('command.not_here');
    expect(refusal('leave', '', { kind: 'direct' })).toBe('command.not_here');
    expect(refusal('topic', 'new', { role: 'owner' })).toBeUndefined();
  });

  it('has a name of its own', () => {
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length);
  });
});
