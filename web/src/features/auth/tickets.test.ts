import { expect, it } from 'vitest';
import { tickets } from './tickets';

it('takes tokens from the hash and from the query', () => {
  expect(tickets({ search: '', hash: '#setup=a-b_c' })).toEqual({ setup: 'a-b_c', invite: undefined });
  expect(tickets({ search: '?invite=x', hash: '' })).toEqual({ setup: undefined, invite: 'x' });
  expect(tickets({ search: '?invite=x', hash: '#invite=y' }).invite).toBe('y');
});
