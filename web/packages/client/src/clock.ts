export type Cancel = () => void;

/** Time as the client sees it; tests hand in one they can turn. Milliseconds throughout. */
export interface Clock {
  now(): number;
  after(ms: number, run: () => void): Cancel;
}
