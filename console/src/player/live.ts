import { backoff } from "../live/backoff";
import { advise, ranges } from "./mse";

export type Phase = "connecting" | "playing" | "lost" | "unsupported";

interface Head {
  codec: string;
  width: number;
  height: number;
}

/** Fragments that wait for the source buffer; beyond it the stream is taken up anew at the next key frame. */
const QUEUE_MAX = 600;

/**
 * Live video of one camera into one <video>: a WebSocket that brings a head in JSON, an init segment, then one-frame fragments.
 */
export class LivePlayer {
  phase: Phase = "connecting";
  /** When the last fragment came, ms. */
  fresh = 0;
  head: Head | null = null;

  private wire: WebSocket | null = null;
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private queue: ArrayBuffer[] = [];
  private attempt = 0;
  private stopped = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly changed: () => void,
  ) {
    this.timer = setInterval(() => this.tend(), 500);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.close();
    this.release();
  }

  private set(phase: Phase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.changed();
  }

  private connect(): void {
    const wire = new WebSocket(this.url);
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
    let head: Head & { error?: unknown };
    try {
      head = JSON.parse(text) as Head;
    } catch {
      this.again();
      return;
    }
    if (head.error !== undefined || typeof head.codec !== "string") {
      this.again();
      return;
    }
    const mime = `video/mp4; codecs="${head.codec}"`;
    if (!("MediaSource" in window) || !MediaSource.isTypeSupported(mime)) {
      this.head = head;
      this.set("unsupported");
      this.close();
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
        buffer.addEventListener("updateend", () => this.pump());
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
    if (this.queue.length >= QUEUE_MAX) {
      this.again();
      return;
    }
    this.queue.push(fragment);
    this.pump();
  }

  private pump(): void {
    const buffer = this.buffer;
    if (!buffer || buffer.updating || this.source?.readyState !== "open" || this.video.error) return;
    const parts = this.queue;
    if (parts.length === 0) return;
    this.queue = [];
    try {
      buffer.appendBuffer(parts.length === 1 && parts[0] ? parts[0] : join(parts));
    } catch {
      this.again();
      return;
    }
    if (this.phase !== "playing" && this.video.readyState >= 2) this.start();
  }

  private start(): void {
    this.set("playing");
  }

  private tend(): void {
    const { video, buffer } = this;
    if (video.error) {
      this.again();
      return;
    }
    if (!buffer || this.source?.readyState !== "open") return;
    const { seek, rate, trimTo } = advise(video.currentTime, ranges(buffer.buffered));
    if (seek !== null) video.currentTime = seek;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.paused) void video.play().catch(() => undefined);
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
