import { Failure } from '../errors';
import type { ErrorCode, ServerEvent } from '../generated';

export type Incoming =
  | { kind: 'ok'; id: number; ok: unknown }
  | { kind: 'error'; id: number; failure: Failure }
  | { kind: 'event'; event: ServerEvent }
  | { kind: 'ignored' };

/** Which events this client understands; the protocol says to ignore the others. */
const KNOWN: Record<ServerEvent['event'], true> = {
  sync: true,
  resync: true,
  message: true,
  receipt: true,
  typing: true,
  presence: true,
  room_online: true,
  room_added: true,
  room_updated: true,
  room_removed: true,
  member_joined: true,
  member_left: true,
  member_updated: true,
  user_updated: true,
  session_revoked: true,
  server_draining: true,
};

interface Frame {
  id?: number | null;
  ok?: unknown;
  error?: { code: ErrorCode; message?: string; retry_after_ms?: number; fields?: Record<string, string> };
  event?: string;
}

export function decode(text: string): Incoming {
  const frame = parse(text);
  if (!frame) return { kind: 'ignored' };
  if (typeof frame.event === 'string') {
    return Object.hasOwn(KNOWN, frame.event) ? { kind: 'event', event: frame as ServerEvent } : { kind: 'ignored' };
  }
  if (typeof frame.id !== 'number') return { kind: 'ignored' };
  if (!frame.error) return { kind: 'ok', id: frame.id, ok: frame.ok ?? {} };
  const { code, message, retry_after_ms, fields } = frame.error;
  return { kind: 'error', id: frame.id, failure: new Failure(code, message, retry_after_ms, fields) };
}

function parse(text: string): Frame | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Frame) : null;
  } catch {
    return null;
  }
}
