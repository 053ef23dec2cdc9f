/** Samples a second of G.711, and of the context in which the microphone is heard. */
export const RATE = 8000;
/** Samples of a piece, at least: 120 ms. */
export const PIECE = 960;
/** Samples that may wait for the server; of more the oldest are left out, since late speech is worse than a gap. */
export const MOST = 8000;

/** Samples of 16 bits, little-endian, as base64. Pure. */
export function packed(samples: Float32Array): string {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  samples.forEach((one, at) => view.setInt16(at * 2, Math.round(Math.max(-1, Math.min(1, one)) * 32767), true));
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(""));
}

/** Collects samples until they are taken; the oldest go first. Pure. */
export class Waiting {
  private parts: Float32Array[] = [];
  count = 0;

  add(part: Float32Array): void {
    this.parts.push(part);
    this.count += part.length;
    while (this.count > MOST && this.parts.length > 1) this.count -= this.parts.shift()?.length ?? 0;
  }

  take(): Float32Array {
    const whole = new Float32Array(this.count);
    let at = 0;
    for (const part of this.parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.parts = [];
    this.count = 0;
    return whole;
  }
}

/** Why the microphone cannot be had. */
export type Silent = "insecure" | "denied" | "none";

/** From the microphone to `send`, one piece after the other, until stopped. */
export class Talker {
  private readonly waiting = new Waiting();
  private stream: MediaStream | null = null;
  private context: AudioContext | null = null;
  private sending = false;
  private stopped = false;

  constructor(
    private readonly send: (audio: string) => Promise<void>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Resolves once the microphone is heard; rejects with a `Silent`, or with what the browser says. */
  async start(): Promise<void> {
    if (!window.isSecureContext) throw new Quiet("insecure");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    } catch (error) {
      throw new Quiet(error instanceof DOMException && error.name === "NotFoundError" ? "none" : "denied");
    }
    // The browser resamples to what the camera takes.
    const context = new AudioContext({ sampleRate: RATE });
    this.context = context;
    await context.audioWorklet.addModule("/talk-worklet.js");
    const node = new AudioWorkletNode(context, "talk", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      this.waiting.add(data);
      void this.pump();
    };
    context.createMediaStreamSource(this.stream).connect(node);
    if (this.gone()) this.release();
  }

  stop(): void {
    this.stopped = true;
    this.release();
  }

  private gone(): boolean {
    return this.stopped;
  }

  private release(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    void this.context?.close().catch(() => undefined);
    this.stream = this.context = null;
  }

  private async pump(): Promise<void> {
    if (this.sending || this.waiting.count < PIECE || this.stopped) return;
    this.sending = true;
    try {
      await this.send(packed(this.waiting.take()));
    } catch (error) {
      this.stop();
      this.failed(error);
    } finally {
      this.sending = false;
    }
  }
}

/** The microphone cannot be had. */
export class Quiet extends Error {
  constructor(readonly why: Silent) {
    super(why);
  }
}
