import type { ErrorCode } from './generated';

/** `offline`: nothing was sent. `timeout`: the outcome is unknown. Everything else is the server's word. */
export type FailureCode = ErrorCode | 'offline' | 'timeout';

export class Failure extends Error {
  readonly code: FailureCode;
  readonly retryAfterMs: number;
  readonly fields: Readonly<Record<string, string>>;

  constructor(code: FailureCode, message: string = code, retryAfterMs = 0, fields: Record<string, string> = {}) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.fields = fields;
  }
}

export function failureCode(cause: unknown): FailureCode {
  return cause instanceof Failure ? cause.code : 'internal';
}
