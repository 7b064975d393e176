import { describe, expect, it } from 'vitest';
import { ME, message, room } from '../../../packages/client/test/make';
import { isWorthNotice } from './isWorthNotice';

const said = message(1);
const called = message(1, { mentions: [ME] });
const muted = room({ muted: true });
const direct = room({ kind: 'direct' });

describe('a message is worth a notification', () => {
  it.each([
    ['of anybody, where all are wanted', said, room(), 'all', true],
    ['not where only mentions are', said, room(), 'mentions', false],
    ['where I am called', called, room(), 'mentions', true],
    ['in a direct room', said, direct, 'mentions', true],
    ['not in a muted room', said, muted, 'all', false],
    ['in a muted room where I am called', called, muted, 'all', true],
    ['not in a muted direct room', said, room({ kind: 'direct', muted: true }), 'mentions', false],
    ['not where none are wanted', called, direct, 'off', false],
    ['not of my own', message(1, { author: ME, mentions: [ME] }), room(), 'all', false],
    ['not once it is deleted', message(1, { deleted_at: said.created_at }), room(), 'all', false],
    ['not in an archived room', said, room({ archived_at: said.created_at }), 'all', false],
    ['not in a room that is gone', said, undefined, 'all', false],
  ] as const)('%s', (_what, message, room, level, expected) => {
    expect(isWorthNotice(message, room, ME, level)).toBe(expected);
  });
});
