/** Keeps a camera moving while somebody wants it: asks again before the server's limit, and stops in the right order. */
import { isStill, STILL, type Vector } from "./vector";

/** The server stops a movement that nobody asked for again after this many seconds: a page that went away moves nothing on. */
export const HOLD_SECONDS = 1.5;
const AGAIN_MS = 500;

export interface Orders {
  move: (vector: Vector, seconds: number) => Promise<unknown>;
  stop: () => Promise<unknown>;
  /** A refusal: the movement ends. */
  failed: (error: unknown) => void;
}

export class Mover {
  private wanted: Vector = STILL;
  private running = false;
  private poke: () => void = () => undefined;

  constructor(private readonly orders: Orders) {}

  /** Moves so from now on; a still vector stops. */
  want(vector: Vector): void {
    this.wanted = vector;
    this.poke();
    if (!this.running && !isStill(vector)) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      // One order at a time: a stop that overtakes the movement before it would be lost.
      while (!isStill(this.wanted)) {
        const sent = this.wanted;
        await this.orders.move(sent, HOLD_SECONDS);
        if (this.wanted === sent) await this.pause();
      }
      await this.orders.stop();
    } catch (error) {
      this.wanted = STILL;
      this.orders.failed(error);
    } finally {
      this.running = false;
      if (!isStill(this.wanted)) void this.run();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, AGAIN_MS);
      this.poke = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
