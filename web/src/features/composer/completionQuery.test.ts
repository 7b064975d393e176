import { describe, expect, it } from 'vitest';
import { completionQuery, people } from './completionQuery';

describe('completionQuery', () => {
  it.each([
    ['@', 'person', '', 0],
    ['hi @bo', 'person', 'bo', 3],
    ['(@Bo', 'person', 'bo', 1],
    ['see #rel', 'channel', 'rel', 4],
    ['nice :thu', 'emoji', 'thu', 5],
    ['/', 'command', '', 0],
    ['/to', 'command', 'to', 0],
  ])('finds what is being typed in %s', (text, kind, query, start) => {
    expect(completionQuery(text, text.length)).toEqual({ kind, start, text: query });
  });

  it.each(['', 'hi', 'a@b', '@bob and', 'hi @ ', 'at 10:30', 'so: ', 'so :D', 'and/or', ' /to', '//to', 'a#b'])(
    'finds nothing in %s',
    (text) => {
      expect(completionQuery(text, text.length)).toBeNull();
    },
  );

  it('looks only before the caret', () => {
    expect(completionQuery('hi @bob', 5)).toEqual({ kind: 'person', start: 3, text: 'b' });
  });
});

describe('people', () => {
  const person = (username: string, display_name = username) => ({ id: username, username, display_name });
  const list = [person('abby'), person('bob'), person('carol', 'Carol Bobbins'), person('dave')];

  it('puts names that begin so before names that contain it', () => {
    expect(people(list, 'bb').map(({ id }) => id)).toEqual(['abby', 'carol']);
    expect(people(list, 'bob').map(({ id }) => id)).toEqual(['bob', 'carol']);
    expect(people(list, 'x')).toEqual([]);
  });
});
