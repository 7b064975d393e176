import { describe, expect, it } from 'vitest';
import { candidates, mentionQuery } from './mentionQuery';

describe('mentionQuery', () => {
  it.each([
    ['@', '', 0],
    ['hi @bo', 'bo', 3],
    ['(@Bo', 'bo', 1],
  ])('finds the name being typed in %s', (text, query, start) => {
    expect(mentionQuery(text, text.length)).toEqual({ start, text: query });
  });

  it.each(['', 'hi', 'a@b', '@bob and', 'hi @ '])('finds none in %s', (text) => {
    expect(mentionQuery(text, text.length)).toBeNull();
  });

  it('looks only before the caret', () => {
    expect(mentionQuery('hi @bob', 5)).toEqual({ start: 3, text: 'b' });
  });
});

describe('candidates', () => {
  const person = (username: string, display_name = username) => ({ id: username, username, display_name });
  const people = [person('abby'), person('bob'), person('carol', 'Carol Bobbins'), person('dave')];

  it('puts names that begin so before names that contain it', () => {
    expect(candidates(people, 'bb').map(({ id }) => id)).toEqual(['abby', 'carol']);
    expect(candidates(people, 'bob').map(({ id }) => id)).toEqual(['bob', 'carol']);
    expect(candidates(people, 'x')).toEqual([]);
  });
});
