/**
 * What this computer can show of what is live on a page. Pictures that do not keep up are brought down, the smallest first: to the
 * second stream where there is one, then to key frames. After a rest one of them is tried again. Pure; ms.
 */

/** What a picture did since the last look: frames that came for it, and those that were shown. */
export interface Sample {
  came: number;
  shown: number;
}

interface Picture {
  /** Area on the screen. */
  size: number;
  /** How far it can be brought down, and how far it is. */
  floor: number;
  level: number;
  since: number;
  change: (level: number) => void;
}

/** Between two looks. */
export const LOOK_MS = 2000;
/** What is shown of what comes: below LOW it is too much, from HIGH on there is room. */
const LOW = 0.88;
const HIGH = 0.95;
/** So many looks in a row decide. */
const LOOKS = 2;
/** A picture that has just begun, or changed, says nothing. */
const WARM_MS = 5000;
/** Fewer frames than this say nothing. */
const FEW = 8;
const REST_MS = 30_000;
const LONGEST_REST_MS = 600_000;
/** What goes wrong so soon after one was tried again was its fault. */
const TRIAL_MS = 20_000;

export class Load {
  private readonly pictures = new Map<object, Picture>();
  private bad = 0;
  private good = 0;
  private rest = REST_MS;
  private changed = 0;
  private tried: Picture | null = null;

  /** A picture began; `change` is told its level: 0 is all of it. */
  add(key: object, size: number, floor: number, now: number, change: (level: number) => void): void {
    this.pictures.set(key, { size, floor, level: 0, since: now, change });
  }

  remove(key: object): void {
    this.pictures.delete(key);
  }

  /** Looks at what each picture did; those without a sample are not judged. */
  look(samples: ReadonlyMap<object, Sample>, now: number): void {
    let came = 0;
    let shown = 0;
    for (const [key, picture] of this.pictures) {
      const sample = samples.get(key);
      if (!sample || !this.moves(picture) || now - picture.since < WARM_MS) continue;
      came += sample.came;
      shown += Math.min(sample.shown, sample.came);
    }
    const share = came < FEW ? 1 : shown / came;
    this.bad = share < LOW ? this.bad + 1 : 0;
    this.good = share >= HIGH ? this.good + 1 : 0;
    if (this.bad >= LOOKS) this.relieve(samples, share, now);
    else if (this.good >= LOOKS && now - this.changed >= this.rest) this.restore(now);
  }

  private moves(picture: Picture): boolean {
    return picture.floor === 0 || picture.level < picture.floor;
  }

  private relieve(samples: ReadonlyMap<object, Sample>, share: number, now: number): void {
    this.bad = 0;
    if (this.tried && now - this.changed < TRIAL_MS) {
      this.rest = Math.min(LONGEST_REST_MS, this.rest * 2);
      this.set(this.tried, this.tried.level + 1, now);
      this.tried = null;
      return;
    }
    const moving = [...this.pictures]
      .flatMap(([key, one]) => (samples.has(key) && one.level < one.floor ? [one] : []))
      .sort((a, b) => a.size - b.size);
    // As many as are too many, by what is shown of them.
    const many = Math.max(1, Math.round(moving.length * (HIGH - share)));
    for (const one of moving.slice(0, many)) this.set(one, one.level + 1, now);
  }

  private restore(now: number): void {
    this.good = 0;
    if (this.tried) this.rest = REST_MS;
    this.tried = null;
    const down = [...this.pictures.values()].filter((one) => one.level > 0).sort((a, b) => b.size - a.size)[0];
    if (!down) return;
    this.set(down, down.level - 1, now);
    this.tried = down;
  }

  private set(picture: Picture, level: number, now: number): void {
    picture.level = level;
    picture.since = this.changed = now;
    picture.change(level);
  }
}
