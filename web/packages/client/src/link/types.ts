import type { Clock } from '../clock';
import type { ServerEvent } from '../generated';

/** The part of a WebSocket that is used. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number): void;
}

export interface SocketEvents {
  opened(): void;
  frame(text: string): void;
  closed(code: number): void;
}

export type Dial = (events: SocketEvents) => SocketLike;

export type LinkState =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  /** The socket is open; whether we are signed in is not its concern. */
  | { kind: 'open' }
  /** Waits until `until` (clock time) to try again. */
  | { kind: 'waiting'; until: number }
  /** The device says that it has no network. */
  | { kind: 'no_network' }
  /** The server does not want this client; trying again would not help. */
  | { kind: 'refused'; code: number };

export interface LinkOptions {
  dial: Dial;
  clock: Clock;
  random: () => number;
  onState(state: LinkState): void;
  /** An open connection says nothing although something was asked, or has said something again. */
  onSilence(silent: boolean): void;
  onEvent(event: ServerEvent): void;
}

export const CLOSE = { unauthorized: 4401, origin: 4403 } as const;
