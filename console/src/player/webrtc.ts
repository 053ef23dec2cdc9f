import type { Phase } from "./live";

/** No picture for this long after the offer, and the usual way is taken. */
const CONNECT_MS = 8_000;
/** How long a lost connection may take to mend itself. */
const MEND_MS = 5_000;

export interface Delay {
  /** Seconds from server to screen since the last look: half the way there and back, waiting, decoding. */
  seconds: number;
}

interface Counts {
  held: number;
  emitted: number;
  decoding: number;
  decoded: number;
}

/** What failed: the server's own words, or "udp" where nothing came through. */
export type Failed = { kind: "refused"; detail: string } | { kind: "udp" };

/** The mean delay between two looks at the counts; null where no picture was shown in between. Pure. */
export function delay(before: Counts, now: Counts, roundTrip: number): Delay | null {
  const shown = now.emitted - before.emitted;
  const decoded = now.decoded - before.decoded;
  if (shown <= 0) return null;
  const decoding = decoded > 0 ? (now.decoding - before.decoding) / decoded : 0;
  return { seconds: roundTrip / 2 + (now.held - before.held) / shown + decoding };
}

/** Live pictures of one camera by WebRTC (WHEP) into one element: the least delay, where UDP gets through. */
export class WebrtcPlayer {
  phase: Phase = "connecting";
  /** When the last picture was shown, ms. */
  fresh = 0;
  delay: Delay | null = null;

  private readonly wire = new RTCPeerConnection();
  private readonly stopping = new AbortController();
  private readonly stream = new MediaStream();
  private session = "";
  private counts: Counts | null = null;
  private timers: ReturnType<typeof setTimeout>[] = [];
  private mending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly changed: () => void,
    private readonly failed: (why: Failed) => void,
    sound: boolean,
  ) {
    const { wire } = this;
    video.srcObject = this.stream;
    wire.ontrack = ({ track, receiver }) => {
      this.stream.addTrack(track);
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    };
    wire.onconnectionstatechange = () => this.state(wire.connectionState);
    wire.addTransceiver("video", { direction: "recvonly" });
    if (sound) wire.addTransceiver("audio", { direction: "recvonly" });
    this.timers.push(setTimeout(() => this.fresh === 0 && this.fail({ kind: "udp" }), CONNECT_MS));
    this.watch();
    void this.begin().catch(() => this.fail({ kind: "udp" }));
  }

  stop(): void {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    this.timers.forEach(clearTimeout);
    clearTimeout(this.mending);
    this.wire.onconnectionstatechange = null;
    this.wire.close();
    this.video.srcObject = null;
    this.end();
  }

  /** Looks at what the browser counts; called once a second. */
  async look(): Promise<void> {
    const found = await this.wire.getStats();
    let roundTrip = 0;
    let counts = null as Counts | null;
    found.forEach((one: Record<string, unknown>) => {
      if (one.type === "candidate-pair" && one.nominated === true) roundTrip = Number(one.currentRoundTripTime ?? 0);
      if (one.type !== "inbound-rtp" || one.kind !== "video") return;
      counts = {
        held: Number(one.jitterBufferDelay ?? 0),
        emitted: Number(one.jitterBufferEmittedCount ?? 0),
        decoding: Number(one.totalDecodeTime ?? 0),
        decoded: Number(one.framesDecoded ?? 0),
      };
    });
    if (counts && this.counts) this.delay = delay(this.counts, counts, roundTrip) ?? this.delay;
    this.counts = counts;
  }

  private async begin(): Promise<void> {
    const { wire } = this;
    await wire.setLocalDescription();
    const answer = await fetch(this.url, {
      method: "POST",
      body: wire.localDescription?.sdp ?? "",
      headers: { "Content-Type": "application/sdp", "X-Sitewarden": "1" },
      signal: this.stopping.signal,
    });
    // A viewer that left meanwhile is let go by the server within seconds.
    const text = await answer.text();
    if (answer.status !== 201) {
      this.fail({ kind: "refused", detail: said(text) });
      return;
    }
    this.session = answer.headers.get("location") ?? "";
    await wire.setRemoteDescription({ type: "answer", sdp: text });
    await this.video.play().catch(() => undefined);
  }

  /** Tells the server, which would find it by itself within half a minute. */
  private end(): void {
    const session = this.session;
    this.session = "";
    if (session)
      void fetch(session, { method: "DELETE", headers: { "X-Sitewarden": "1" }, keepalive: true }).catch(() => undefined);
  }

  private watch(): void {
    this.video.requestVideoFrameCallback(() => {
      if (this.stopping.signal.aborted) return;
      this.fresh = Date.now();
      this.set("playing");
      this.watch();
    });
  }

  private state(state: RTCPeerConnectionState): void {
    clearTimeout(this.mending);
    if (state === "failed") this.fail({ kind: "udp" });
    else if (state === "disconnected" || state === "closed") {
      this.set("lost");
      this.mending = setTimeout(() => this.fail({ kind: "udp" }), MEND_MS);
    }
  }

  private fail(why: Failed): void {
    if (this.stopping.signal.aborted) return;
    this.stop();
    this.failed(why);
  }

  private set(phase: Phase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.changed();
  }
}

function said(text: string): string {
  try {
    const found = JSON.parse(text) as { detail?: unknown };
    return typeof found.detail === "string" ? found.detail : "";
  } catch {
    return "";
  }
}
