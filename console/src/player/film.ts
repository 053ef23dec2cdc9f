import { Problem, toProblem } from "../api/problem";
import type { Clock } from "./clock";
import { family, recordedType } from "./codecs";
import { ranges } from "./mse";
import { address, idle, push, trim } from "./feeding";
import { BEHIND, need, pace, rangeAt, ROOM, spanAt, toMedia, toWall, type Ask } from "./pieces";
import { slot } from "./slots";
import { modeOf, sameMode, type Mode } from "./speeds";
import type { Span } from "./timeline";

export type FilmPhase = "loading" | "ready" | "gap" | "failed" | "unsupported";

const TICK_MS = 100;
/** A wait shorter than this is not worth a word. */
const PATIENT_MS = 400;
/** After a failure it is tried again when this has passed, or somebody seeks. */
const RETRY_MS = 5000;
/** So many ticks of the last twenty in which the decoder did not keep up, and key frames are played instead. */
const WEAK_TICKS = 12;
/** How long a picture may take to be shown after a jump, ms. */
const SHOWN_MS = 250;
/** The next frame is looked for so far ahead, seconds. */
const FARTHEST = 4;
/** How long a jump may take whose picture has to be fetched, ms. */
const SETTLE_MS = 5000;

/** One timeline of the video element: a mode, an origin, and what was fetched of it. */
interface Reel {
  mode: Mode;
  origin: number;
  family: string;
  type: string;
  source: MediaSource;
  buffer: SourceBuffer | null;
}

/**
 * Recordings of one camera in one video element, held to a clock that several may share. What is missing is fetched in pieces, so
 * that no connection stands open; speed, direction and jumps are the clock's.
 */
export class FilmPlayer {
  phase: FilmPhase = "loading";
  codec = "";
  mode: Mode = modeOf(1);
  problem: Problem | null = null;
  /** Codecs of what is played, by RFC 6381. */
  playing = "";

  /** What its pieces say, so that the audit log has one entry for all of them. */
  private readonly viewing = Math.random().toString(36).slice(2, 14);
  private reel: Reel | null = null;
  private asked: { ask: Ask; abort: AbortController } | null = null;
  private failed = 0;
  private jumps = 0;
  private late = 0;
  private since = 0;
  private weak = Infinity;
  private shown: number | null = null;
  private interval = 0.04;
  /** A picture was shown since the last jump. */
  private fresh = false;
  private stepping = false;
  private stopped = false;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly leave: () => void;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly still: HTMLCanvasElement,
    private readonly camera: string,
    private readonly clock: Clock,
    private readonly recordings: () => readonly Span[] | null,
    private readonly changed: () => void,
  ) {
    this.leave = clock.subscribe(() => this.tick());
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.watch();
    this.tick();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    this.leave();
    this.drop();
    this.clock.wait(this, false, performance.now());
  }

  /** Shows the next frame or the one before, and resolves to its moment; null where there is none within reach. */
  async step(way: 1 | -1): Promise<number | null> {
    if (this.stepping) return null;
    this.stepping = true;
    try {
      return await this.toFrame(way);
    } finally {
      this.stepping = false;
    }
  }

  private async toFrame(way: 1 | -1): Promise<number | null> {
    const { clock } = this;
    clock.pause(true, performance.now());
    clock.setSpeed(1, performance.now());
    await this.settled();
    const from = this.shown ?? this.video.currentTime;
    if (way < 0) {
      await this.show(from - 0.001);
      return this.moment();
    }
    let by = this.interval + 0.001;
    while ((this.shown ?? 0) < from + 0.0005) {
      if (by > FARTHEST || !(await this.show(from + by))) return null;
      by *= 1.5;
    }
    // It may have jumped over a frame: go back while there is one between.
    for (let passed = this.shown ?? 0; passed > from + this.interval * 1.5; passed = this.shown ?? 0) {
      await this.show(passed - 0.001);
      if ((this.shown ?? 0) < from + 0.0005) {
        await this.show(passed + 0.001);
        break;
      }
    }
    return this.moment();
  }

  private moment(): number | null {
    return this.reel && this.shown !== null ? toWall(this.shown, this.reel.origin, false) : null;
  }

  /** Takes the clock to a time of the element and waits until its picture is there; false where nothing is recorded. */
  private async show(seconds: number): Promise<boolean> {
    if (!this.reel) return false;
    const wall = toWall(seconds, this.reel.origin, false);
    const list = this.recordings();
    if (!list || !spanAt(list, wall)) return false;
    this.clock.seek(wall, performance.now());
    await this.settled();
    return true;
  }

  /** Resolves once the picture of the clock's moment is shown, or cannot be. */
  private async settled(): Promise<void> {
    const begun = performance.now();
    while (!this.stopped) {
      const { reel, video } = this;
      const now = performance.now();
      const time = reel ? toMedia(this.clock.at(now), reel.origin, reel.mode.backward) : 0;
      const there = reel !== null && !video.seeking && video.readyState >= 2 && Math.abs(video.currentTime - time) < 0.02;
      if (there && (this.fresh || now - begun > SHOWN_MS)) return;
      if (now - begun > SETTLE_MS || (this.phase !== "ready" && this.phase !== "loading")) return;
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  private set(phase: FilmPhase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.changed();
  }

  private watch(): void {
    this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (this.stopped) return;
      const apart = mediaTime - (this.shown ?? mediaTime);
      if (this.fresh && this.mode.frames === "all" && apart > 0.004 && apart < 0.5)
        this.interval = Math.min(this.interval, apart);
      this.shown = mediaTime;
      this.fresh = true;
      this.still.hidden = true;
      this.watch();
    });
  }

  private tick(): void {
    if (this.stopped) return;
    const { clock, video } = this;
    const now = performance.now();
    const wall = clock.at(now);
    if (clock.jumps !== this.jumps) {
      this.jumps = clock.jumps;
      this.failed = this.late = 0;
    }
    const list = this.recordings();
    if (!list) {
      this.set("loading");
      return;
    }
    const mode = modeOf(clock.speed, this.weak);
    const span = spanAt(list, wall, mode.backward);
    if (!span) {
      video.pause();
      this.await(false, now);
      this.set("gap");
      return;
    }
    if (span.codec ? !MediaSource.isTypeSupported(recordedType(span.codec)) : this.phase === "unsupported") {
      this.refuse(span.codec ?? this.codec, now);
      return;
    }
    const reel = this.reel;
    const reach = reel ? toMedia(wall, reel.origin, mode.backward) : -1;
    if (!reel || !sameMode(reel.mode, mode) || reel.family !== family(span.codec) || reach < 0) {
      this.open(wall, mode, family(span.codec));
      return;
    }
    if (this.phase === "unsupported" || (this.failed && now - this.failed < RETRY_MS)) return;
    const held = reel.buffer ? ranges(reel.buffer.buffered) : [];
    this.feed(wall, span, held);
    const edge = toMedia(mode.backward ? span.start : span.end, reel.origin, mode.backward);
    const range = rangeAt(held, reach, edge);
    if (!range) {
      this.await(true, now);
      return;
    }
    this.follow(Math.min(Math.max(reach, range.start), range.end - 0.005), range.end, now);
  }

  /** Holds the element to the clock: it runs a little faster or slower, and jumps where it is far off. */
  private follow(time: number, end: number, now: number): void {
    const { clock, video } = this;
    const running = clock.running(now);
    const drift = video.currentTime - time;
    const rate = running ? pace(clock.speed, drift) : null;
    const off = running ? rate === null : Math.abs(drift) > 0.0005;
    if (off && !video.seeking) {
      this.fresh = false;
      video.currentTime = time;
    }
    if (rate !== null && video.playbackRate !== rate) video.playbackRate = rate;
    if (!running && !video.paused) video.pause();
    const ready = video.readyState >= 2 && !video.seeking;
    if (!ready) {
      this.await(true, now);
      return;
    }
    this.await(false, now);
    this.set("ready");
    if (!running) return;
    if (video.paused) void video.play().catch(() => undefined);
    if (this.mode.frames === "keys" || clock.speed <= 1) return;
    const behind = (video.readyState < 3 && end - time > 1) || drift < -0.3 * clock.speed;
    this.late = Math.max(0, this.late + (behind ? 1 : -0.5));
    if (this.late >= WEAK_TICKS) this.weak = clock.speed;
  }

  /** The clock waits for this one, or need not any more. */
  private await(waits: boolean, now: number): void {
    this.clock.wait(this, waits, now);
    if (!waits) this.since = 0;
    else if (this.since === 0) this.since = now;
    if (waits && (now - this.since > PATIENT_MS || this.phase === "gap")) this.set("loading");
  }

  private refuse(codec: string, now: number): void {
    if (this.phase === "unsupported" && this.codec === codec) return;
    this.codec = codec;
    this.drop();
    this.video.removeAttribute("src");
    this.still.hidden = true;
    this.await(false, now);
    this.set("unsupported");
  }

  /** Begins a new timeline; the picture that stands is kept until the new one has one. */
  private open(wall: number, mode: Mode, kind: string): void {
    this.keep();
    this.drop();
    const source = new MediaSource();
    const origin = mode.backward ? wall + ROOM : wall - ROOM;
    this.reel = { mode, origin, family: kind, type: "", source, buffer: null };
    this.mode = mode;
    this.failed = this.late = 0;
    this.shown = null;
    this.fresh = false;
    this.video.src = URL.createObjectURL(source);
    this.video.dataset.origin = String(origin);
    this.video.dataset.way = mode.backward ? "-1" : "1";
    source.addEventListener("sourceopen", () => URL.revokeObjectURL(this.video.src), { once: true });
    this.changed();
    this.tick();
  }

  private keep(): void {
    const { video, still } = this;
    if (video.readyState < 2 || !video.videoWidth) return;
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d")?.drawImage(video, 0, 0);
    still.hidden = false;
  }

  private drop(): void {
    this.asked?.abort.abort();
    this.asked = null;
    this.reel = null;
  }

  /** Fetches what is missing; what is on its way and not wanted any more is given up. */
  private feed(wall: number, span: Span, held: ReturnType<typeof ranges>): void {
    const { reel, clock } = this;
    if (!reel) return;
    const { backward } = reel.mode;
    const rate = Math.max(1, Math.abs(clock.speed));
    if (this.asked) {
      const { start, end } = this.asked.ask;
      const wanted = rangeAt(held, toMedia(wall, reel.origin, backward)) !== null || (start - 500 <= wall && wall <= end + 500);
      if (wanted) return;
      this.asked.abort.abort();
      this.asked = null;
    }
    const ask = need(wall, held, { span, origin: reel.origin, backward, pace: rate, paused: clock.paused });
    if (ask) void this.fetch(reel, ask, span);
  }

  private async fetch(reel: Reel, ask: Ask, span: Span): Promise<void> {
    const abort = new AbortController();
    const mine = { ask, abort };
    this.asked = mine;
    let release = (): void => undefined;
    try {
      release = await slot(abort.signal);
      const answer = await fetch(address(this.camera, this.viewing, reel.mode, ask), {
        signal: abort.signal,
        credentials: "same-origin",
      });
      if (!answer.ok) throw toProblem(answer.status, await answer.json().catch(() => null));
      await this.append(reel, answer, abort.signal);
      this.check(reel, ask, span);
    } catch (error) {
      if (!abort.signal.aborted && this.reel === reel) this.fail(error);
    } finally {
      release();
      if (this.asked === mine) this.asked = null;
    }
  }

  private async append(reel: Reel, answer: Response, signal: AbortSignal): Promise<void> {
    const type = answer.headers.get("content-type") ?? "";
    const start = Number(answer.headers.get("x-sitewarden-start")) / 1000;
    if (reel.type && reel.type !== type) {
      // Sound began, or the picture's format changed: another track needs another timeline.
      this.open(this.clock.at(performance.now()), reel.mode, reel.family);
      return;
    }
    if (!MediaSource.isTypeSupported(type)) {
      this.refuse(/codecs="([^"]*)"/.exec(type)?.[1] ?? type, performance.now());
      return;
    }
    if (reel.source.readyState === "closed")
      await new Promise((done) => reel.source.addEventListener("sourceopen", done, { once: true, signal }));
    if (!reel.buffer) {
      reel.type = type;
      reel.buffer = reel.source.addSourceBuffer(type);
      this.playing = /codecs="([^"]*)"/.exec(type)?.[1] ?? "";
      this.changed();
    }
    const { buffer } = reel;
    await idle(buffer);
    if (signal.aborted) return;
    if (reel.source.readyState === "open") buffer.abort();
    buffer.timestampOffset = toMedia(start, reel.origin, reel.mode.backward);
    const body = answer.body?.getReader();
    if (!body) return;
    const played = (): number => this.video.currentTime - BEHIND * Math.max(1, Math.abs(this.clock.speed));
    for (;;) {
      const { done, value } = await body.read();
      if (done) break;
      if (!(await push(buffer, value, () => !signal.aborted && this.reel === reel, played))) return;
      this.tick();
    }
    await trim(buffer, played());
  }

  /** A piece that came and does not hold what was asked for would be asked for again for ever. */
  private check(reel: Reel, ask: Ask, span: Span): void {
    if (this.reel !== reel || !reel.buffer) return;
    const wall = this.clock.at(performance.now());
    const held = ranges(reel.buffer.buffered);
    const { origin, mode } = reel;
    const edge = toMedia(mode.backward ? span.start : span.end, origin, mode.backward);
    const inside = ask.start <= wall && wall <= ask.end;
    if (inside && !rangeAt(held, toMedia(wall, origin, mode.backward), edge)) this.fail(null);
  }

  private fail(error: unknown): void {
    const now = performance.now();
    this.problem = error instanceof Problem ? error : null;
    this.failed = now;
    this.await(false, now);
    this.set("failed");
  }
}
