const BASE_MS = 400;
const CAP_MS = 30_000;

/**
 * How long to wait before attempt number `attempt` (from 0). Half of the wait is random, so that
 * the clients a restarted server lost at once do not come back at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
