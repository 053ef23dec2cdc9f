/** How a piece of recording gets into a source buffer: where it is asked for, appended, and let go. */
import { AHEAD, type Ask } from "./pieces";
import type { Mode } from "./speeds";

/** How long a full buffer is left alone before it is tried again, ms. */
const FULL_MS = 500;

/** Where the server gives a piece; `viewing` tells it which pieces one person looked at in one go. */
export function address(camera: string, viewing: string, mode: Mode, ask: Ask): string {
  const query = new URLSearchParams({
    start: String(Math.round(ask.start * 1000)),
    end: String(Math.round(ask.end * 1000)),
    viewing,
  });
  if (mode.frames === "keys") {
    query.set("frames", "keys");
    query.set("every", String(mode.every * 1000));
    if (mode.backward) query.set("direction", "backward");
  }
  return `/api/v1/cameras/${encodeURIComponent(camera)}/playback.mp4?${query.toString()}`;
}

/** Resolves once the buffer takes more. */
export function idle(buffer: SourceBuffer): Promise<void> {
  if (!buffer.updating) return Promise.resolve();
  return new Promise((done) => buffer.addEventListener("updateend", () => done(), { once: true }));
}

/** Appends a part, letting go of what lies before `played` (seconds) where the buffer is full; false once it is not `wanted`. */
export async function push(
  buffer: SourceBuffer,
  part: Uint8Array<ArrayBuffer>,
  wanted: () => boolean,
  played: () => number,
): Promise<boolean> {
  for (;;) {
    await idle(buffer);
    if (!wanted()) return false;
    try {
      buffer.appendBuffer(part);
      await idle(buffer);
      return true;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      await trim(buffer, played());
      await new Promise((done) => setTimeout(done, FULL_MS));
    }
  }
}

/** Lets go of what was played long ago. */
export async function trim(buffer: SourceBuffer, until: number): Promise<void> {
  await idle(buffer);
  if (until > 0 && buffer.buffered.length > 0 && buffer.buffered.start(0) < until - AHEAD) {
    buffer.remove(0, until);
    await idle(buffer);
  }
}
