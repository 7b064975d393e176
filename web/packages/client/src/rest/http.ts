import { Failure } from '../errors';
import type { ErrorCode, Problem } from '../generated';

export interface Answer {
  status: number;
  text(): Promise<string>;
}

export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; credentials: 'same-origin' },
) => Promise<Answer>;

type Query = Record<string, string | number | boolean | undefined>;

export interface Call {
  query?: Query;
  body?: unknown;
}

/** One request and its answer; every failure is a `Failure` with the protocol's code. */
export class Http {
  readonly #base: string;
  readonly #fetch: Fetch;

  constructor(base: string, fetch: Fetch) {
    this.#base = base;
    this.#fetch = fetch;
  }

  get = <T>(path: string, query?: Query) => this.#call<T>('GET', path, { query });
  post = <T>(path: string, body?: unknown) => this.#call<T>('POST', path, { body });
  put = <T>(path: string, body?: unknown) => this.#call<T>('PUT', path, { body });
  patch = <T>(path: string, body?: unknown) => this.#call<T>('PATCH', path, { body });
  delete = <T>(path: string) => this.#call<T>('DELETE', path, {});

  async #call<T>(method: string, path: string, { query, body }: Call): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json', 'X-Requested-With': 'chirm' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await this.#fetch(this.#base + path + search(query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new Failure('offline', String(cause));
    });
    const text = await answer.text();
    if (answer.status >= 400) throw problem(answer.status, text);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

function search(query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&')}`;
}

const BY_STATUS: Record<number, ErrorCode> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
};

/** A proxy in between may answer without the protocol's body; then the status has to do. */
function problem(status: number, text: string): Failure {
  const fallback = BY_STATUS[status] ?? (status >= 500 ? 'unavailable' : 'bad_request');
  try {
    const { code, detail, title, retry_after_ms, fields } = JSON.parse(text) as Partial<Problem>;
    return new Failure(code ?? fallback, detail ?? title ?? fallback, retry_after_ms ?? 0, fields ?? {});
  } catch {
    return new Failure(fallback);
  }
}
