/** Milliseconds to wait before attempt `n` (0-based): 0.5 s doubling to 10 s, spread so that consoles do not return at once. */
export function backoff(n: number, random: () => number = Math.random): number {
  return Math.min(10_000, 500 * 2 ** Math.min(n, 6)) * (0.5 + random() / 2);
}
