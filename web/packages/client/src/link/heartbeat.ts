import type { Cancel, Clock } from '../clock';

const QUIET_MS = 15_000;
export const PONG_MS = 6_000;

/** Notices a connection that died without a word: asks for a sign of life after a quiet while. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #probe: () => Promise<unknown>;
  readonly #dead: () => void;
  #cancel: Cancel = () => {};
  #heard = 0;
  #probing = false;

  constructor(clock: Clock, probe: () => Promise<unknown>, dead: () => void) {
    this.#clock = clock;
    this.#probe = probe;
    this.#dead = dead;
  }

  start(): void {
    this.heard();
    this.#arm(QUIET_MS);
  }

  heard(): void {
    this.#heard = this.#clock.now();
  }

  stop(): void {
    this.#cancel();
    this.#probing = false;
  }

  /** Asks at once, as after waking from sleep. */
  check(): void {
    if (this.#probing) return;
    this.#probing = true;
    this.#probe().then(
      () => {
        this.#probing = false;
      },
      () => {
        if (this.#probing) this.#dead();
        this.#probing = false;
      },
    );
  }

  #arm(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => {
      const quiet = this.#clock.now() - this.#heard;
      if (quiet >= QUIET_MS) this.check();
      this.#arm(Math.max(QUIET_MS - quiet, 1_000));
    });
  }
}
