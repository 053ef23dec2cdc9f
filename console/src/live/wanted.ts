/** A set of ids wanted by several readers, each time with one subscription for their union. */
export class Wanted {
  private readonly counts = new Map<string, number>();
  private asked = "";
  private leave: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly subscribe: (ids: string[]) => () => void,
    private readonly delay = 120,
  ) {}

  /** Adds ids until the returned function is called. */
  add(ids: readonly string[]): () => void {
    for (const id of ids) this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    this.later();
    return () => {
      for (const id of ids) {
        const left = (this.counts.get(id) ?? 0) - 1;
        if (left > 0) this.counts.set(id, left);
        else this.counts.delete(id);
      }
      this.later();
    };
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), this.delay);
  }

  private renew(): void {
    const ids = [...this.counts.keys()].sort();
    const key = ids.join(" ");
    if (key === this.asked) return;
    this.asked = key;
    const old = this.leave;
    this.leave = ids.length > 0 ? this.subscribe(ids) : undefined;
    old?.();
  }
}
