import { backoff } from "../live/backoff";
import { BEAT_MS, onBeat } from "./beat";
import { JPEG } from "./codecs";
import type { Sample } from "./load";
import { advise, follow, ranges, still } from "./mse";

export type Phase = "connecting" | "playing" | "lost" | "unsupported";

interface Head {
  codec: string;
  /** Codec of the sound that the camera sends beside its pictures; "" where there is none. */
  audio?: string;
  /** What the camera sends, where the server converts it. */
  converted?: string;
}

interface Refused {
  detail?: string;
  remedy?: string;
}

interface Options {
  kind: "video" | "audio";
  /** Where JPEG is drawn. */
  canvas?: HTMLCanvasElement;
  /** Where else the server gives the pictures, in this order, for a browser that cannot decode what it was given. */
  otherwise?: readonly string[];
  /** The pictures that sound goes with. */
  leader?: HTMLVideoElement;
  /** Only key frames come: each stands until the next. */
  keys?: boolean;
  /** Frames are given to the browser together, a beat at a time: one of many pictures may be a tenth of a second later. */
  gathers?: boolean;
}

/** No fragment for this long and the picture is called stale; key frames may be ten seconds apart. */
const STALE_MS = 3000;
const STALE_KEYS_MS = 15_000;
/** Between two looks at where the player stands. */
const TEND_MS = 500;

/** Fragments that wait for the source buffer; beyond it the stream is taken up anew at the next key frame. */
const QUEUE_MAX = 600;

/**
 * Live video, or sound, of one camera into one element: a WebSocket that brings a head in JSON, an init segment, then fragments. Motion
 * JPEG comes as files, which are drawn.
 */
export class LivePlayer {
  phase: Phase = "connecting";
  /** When the last fragment came, ms. */
  fresh = 0;
  stale = false;
  head: Head | null = null;
  /** The codec that this browser cannot show, once the server was asked for another. */
  foreign = "";
  /** Which of the other addresses it is; 0 is the first address. */
  tried = 0;
  /** Why the server refused, in its words; "" while it does not. */
  refusal = "";

  private wire: WebSocket | null = null;
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private queue: ArrayBuffer[] = [];
  private attempt = 0;
  private drawing = false;
  private stopped = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private beats = 0;
  private came = 0;
  private shown = 0;
  private readonly leave: () => void;

  constructor(
    private readonly video: HTMLMediaElement,
    private readonly url: string,
    private readonly changed: () => void,
    private readonly options: Options = { kind: "video" },
  ) {
    this.leave = onBeat(() => this.beat());
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.leave();
    clearTimeout(this.retry);
    this.close();
    this.release();
  }

  /** What came and what was shown since the last call; null while that says nothing: it does not play, or is drawn. */
  sample(): Sample | null {
    const { totalVideoFrames: total, droppedVideoFrames: dropped } = (this.video as HTMLVideoElement).getVideoPlaybackQuality();
    const shown = total - dropped;
    const found = { came: this.came, shown: Math.max(0, shown - this.shown) };
    this.came = 0;
    this.shown = shown;
    return this.phase === "playing" && this.buffer ? found : null;
  }

  private beat(): void {
    if (this.options.gathers) this.pump();
    if (++this.beats % (TEND_MS / BEAT_MS) === 0) this.tend();
  }

  private set(phase: Phase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.changed();
  }

  private connect(): void {
    const wire = new WebSocket(this.options.otherwise?.[this.tried - 1] ?? this.url);
    wire.binaryType = "arraybuffer";
    this.wire = wire;
    wire.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") this.begin(event.data);
      else if (event.data instanceof ArrayBuffer) this.take(event.data);
    };
    wire.onclose = () => {
      if (this.wire === wire) this.again();
    };
  }

  private again(): void {
    this.close();
    if (this.stopped || this.phase === "unsupported") return;
    this.set("lost");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt++));
  }

  private close(): void {
    const wire = this.wire;
    this.wire = null;
    if (!wire) return;
    wire.onmessage = wire.onclose = null;
    wire.close();
  }

  /** The picture that stands is kept until the new stream has one. */
  private begin(text: string): void {
    let head: Head & { error?: Refused };
    try {
      head = JSON.parse(text) as Head;
    } catch {
      this.again();
      return;
    }
    if (head.error !== undefined || typeof head.codec !== "string") {
      this.refusal = [head.error?.detail, head.error?.remedy].filter(Boolean).join(" ");
      this.changed();
      this.again();
      return;
    }
    this.refusal = "";
    if (this.options.kind === "video" && head.codec === JPEG) {
      this.release();
      this.video.removeAttribute("src");
      this.head = head;
      this.changed();
      return;
    }
    const mime = `${this.options.kind}/mp4; codecs="${head.codec}"`;
    if (!("MediaSource" in window) || !MediaSource.isTypeSupported(mime)) {
      this.head = head;
      this.close();
      if (this.tried < (this.options.otherwise?.length ?? 0)) {
        this.foreign ||= head.codec;
        this.tried++;
        this.connect();
        return;
      }
      this.set("unsupported");
      return;
    }
    this.release();
    this.head = head;
    const source = new MediaSource();
    this.source = source;
    this.video.src = URL.createObjectURL(source);
    source.addEventListener(
      "sourceopen",
      () => {
        URL.revokeObjectURL(this.video.src);
        if (this.source !== source) return;
        const buffer = source.addSourceBuffer(mime);
        buffer.addEventListener("updateend", () => {
          if (this.options.keys) this.stand(source);
          if (this.options.keys || this.phase !== "playing") this.tend();
          if (!this.options.gathers) this.pump();
        });
        this.buffer = buffer;
        this.pump();
      },
      { once: true },
    );
    this.changed();
  }

  private release(): void {
    this.queue = [];
    this.buffer = null;
    this.source = null;
  }

  private take(fragment: ArrayBuffer): void {
    this.fresh = Date.now();
    this.attempt = 0;
    if (this.options.kind === "video" && this.head?.codec === JPEG) {
      void this.draw(fragment);
      return;
    }
    if (this.queue.length >= QUEUE_MAX) {
      this.again();
      return;
    }
    this.came++;
    this.queue.push(fragment);
    if (!this.options.gathers) this.pump();
  }

  /** Draws one picture; those that come while one is drawn are left out. */
  private async draw(file: ArrayBuffer): Promise<void> {
    const { canvas } = this.options;
    if (!canvas || this.drawing) return;
    this.drawing = true;
    try {
      const picture = await createImageBitmap(new Blob([file], { type: "image/jpeg" }));
      if (canvas.width !== picture.width) canvas.width = picture.width;
      if (canvas.height !== picture.height) canvas.height = picture.height;
      canvas.getContext("2d")?.drawImage(picture, 0, 0);
      picture.close();
      if (this.wire) this.start();
    } catch {
      // A picture that is no JPEG is followed by the next one.
    } finally {
      this.drawing = false;
    }
  }

  private pump(): void {
    const buffer = this.buffer;
    if (!buffer || buffer.updating || this.source?.readyState === "closed" || this.video.error) return;
    const parts = this.queue;
    if (parts.length === 0) return;
    this.queue = [];
    try {
      buffer.appendBuffer(parts.length === 1 && parts[0] ? parts[0] : join(parts));
    } catch {
      this.again();
      return;
    }
  }

  /** Lets the browser show the last picture though none follows it yet; the next one opens the stream again. */
  private stand(source: MediaSource): void {
    if (source.readyState === "open" && this.buffer?.updating === false) source.endOfStream();
  }

  private start(): void {
    this.set("playing");
  }

  private tend(): void {
    const { video, buffer, options } = this;
    const stale = this.fresh > 0 && Date.now() - this.fresh > (options.keys ? STALE_KEYS_MS : STALE_MS);
    if (stale !== this.stale) {
      this.stale = stale;
      this.changed();
    }
    if (video.error) {
      this.again();
      return;
    }
    if (!buffer || this.source?.readyState === "closed") return;
    const { leader, keys } = options;
    const held = ranges(buffer.buffered);
    const led = leader !== undefined && leader.readyState >= 2 && !leader.paused;
    const at = video.currentTime;
    const { seek, rate, trimTo } = keys ? still(at, held) : led ? follow(at, leader.currentTime, held) : advise(at, held);
    if (seek !== null) video.currentTime = seek;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.paused && !keys) void video.play().catch(() => undefined);
    if (trimTo !== null && !buffer.updating) buffer.remove(0, trimTo);
    if (this.phase !== "playing" && video.readyState >= 2 && this.wire) this.start();
  }
}

function join(parts: readonly ArrayBuffer[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return whole.buffer;
}
