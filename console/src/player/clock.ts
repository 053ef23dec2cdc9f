/** The moment that several pictures show together: it runs, stands, jumps, and waits for who is not ready. */

/** Nobody is waited for longer than this, ms. */
export const PATIENCE = 3000;

export class Clock {
  /** Counts jumps, so that who follows knows that this is no drift. */
  jumps = 0;
  private speedNow = 1;
  private stands = false;
  private wall: number;
  private since: number;
  private readonly waiting = new Map<object, number>();
  private readonly listeners = new Set<() => void>();

  /** `wall` is the moment shown, ms since 1970 UTC; `now` a time of the page, as all that are passed in here. */
  constructor(wall: number, now: number) {
    this.wall = wall;
    this.since = now;
  }

  get speed(): number {
    return this.speedNow;
  }

  get paused(): boolean {
    return this.stands;
  }

  /** The moment to be shown. */
  at(now: number): number {
    return this.stands ? this.wall : this.wall + Math.max(0, now - this.start()) * this.speedNow;
  }

  running(now: number): boolean {
    return !this.stands && now >= this.start();
  }

  seek(wall: number, now: number): void {
    this.jumps += 1;
    this.wall = wall;
    this.since = now;
    this.tell();
  }

  pause(paused: boolean, now: number): void {
    if (paused === this.stands) return;
    this.settle(now);
    this.stands = paused;
    this.tell();
  }

  setSpeed(speed: number, now: number): void {
    if (speed === this.speedNow) return;
    this.settle(now);
    this.speedNow = speed;
    this.tell();
  }

  /** `who` is not ready, or ready again. All wait for it, for `PATIENCE` at most. */
  wait(who: object, waits: boolean, now: number): void {
    if (waits === this.waiting.has(who)) return;
    this.settle(now);
    if (waits) this.waiting.set(who, now);
    else this.waiting.delete(who);
    this.tell();
  }

  /** Calls back after each change. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** When it runs on: at once, or when patience with the last of those who are waited for ends. */
  private start(): number {
    let start = this.since;
    for (const from of this.waiting.values()) start = Math.max(start, from + PATIENCE);
    return start;
  }

  /** Time that passed until `now` counts as it was. */
  private settle(now: number): void {
    this.wall = this.at(now);
    this.since = now;
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
