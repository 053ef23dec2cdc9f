/** The server's own books follow the log: they are asked a moment after it told. */
const SOON_MS = 200;
/** Between two looks while much happens. */
const LEAST_MS = 500;
/** And once more when it is quiet, for what was told while a look was under way. */
const SETTLED_MS = 2000;

/** Turns many hints that something changed into few looks at it, the last of them after the last hint. */
export class Pace {
  private looked = -Infinity;
  private soon: ReturnType<typeof setTimeout> | undefined;
  private settled: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly look: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Something changed. */
  hint(): void {
    this.soon ??= setTimeout(
      () => {
        this.soon = undefined;
        this.looked = this.now();
        this.look();
      },
      Math.max(SOON_MS, this.looked + LEAST_MS - this.now()),
    );
    clearTimeout(this.settled);
    this.settled = setTimeout(this.look, SETTLED_MS);
  }

  stop(): void {
    clearTimeout(this.soon);
    clearTimeout(this.settled);
    this.soon = undefined;
  }
}
