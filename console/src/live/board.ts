/**
 * A table of the last known document of each key, told to its readers once a frame. It holds one entry a key, so it is
 * bounded by the size of the site.
 */
export class Board<T> {
  private entries = new Map<string, T>();
  private view: ReadonlyMap<string, T> = new Map();
  private readonly listeners = new Set<() => void>();
  private scheduled = false;

  constructor(private readonly schedule: (run: () => void) => void = (run) => setTimeout(run, 50)) {}

  put(key: string, entry: T): void {
    this.entries.set(key, entry);
    this.tell();
  }

  delete(key: string): void {
    if (this.entries.delete(key)) this.tell();
  }

  clear(): void {
    this.entries.clear();
    this.tell();
  }

  get = (key: string): T | undefined => this.entries.get(key);

  /** A copy that changes its identity when something changed. */
  snapshot = (): ReadonlyMap<string, T> => this.view;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      this.view = new Map(this.entries);
      for (const listener of this.listeners) listener();
    });
  }
}
