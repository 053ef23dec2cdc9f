import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LiveSocket, type Message, type Wire } from "./socket";

class FakeWire implements Wire {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const wires: FakeWire[] = [];
const last = (): FakeWire => wires[wires.length - 1] as FakeWire;
let live: LiveSocket;
const ended = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  wires.length = 0;
  ended.mockReset();
  live = new LiveSocket(() => {
    const wire = new FakeWire();
    wires.push(wire);
    return wire;
  }, ended);
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

describe("LiveSocket", () => {
  it("asks for everything again after a loss, events after the last cursor", () => {
    const got: Message[] = [];
    live.subscribe("events", { types: ["door.*"] }, (m) => got.push(m), { after: 7 });
    live.subscribe("status", {}, () => undefined);
    live.start();
    last().onopen?.();
    expect(last().sent).toEqual([
      { op: "subscribe", id: "e1", topic: "events", filter: { types: ["door.*"] }, after: 7 },
      { op: "subscribe", id: "s2", topic: "status", filter: {} },
    ]);
    last().say({ id: "e1", events: [{ seq: 9 }], cursor: 9 });
    vi.advanceTimersByTime(5000);
    last().onclose?.({ code: 1006 });
    expect(live.connection.state).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(wires).toHaveLength(2);
    last().onopen?.();
    expect(last().sent[0]).toMatchObject({ id: "e1", after: 9 });
    expect(got).toHaveLength(1);
  });

  it("takes silence for a loss, and a ping for life", () => {
    live.start();
    last().onopen?.();
    vi.advanceTimersByTime(30_000);
    last().say({ op: "ping" });
    vi.advanceTimersByTime(30_000);
    expect(live.connection.state).toBe("open");
    const before = Date.now();
    vi.advanceTimersByTime(4000);
    expect(live.connection.state).toBe("lost");
    expect(live.connection.heard).toBe(before - 30_000);
    expect(wires[0]?.closed).toBe(true);
  });

  it("tells nothing to a handler that has left, and unsubscribes", () => {
    const handler = vi.fn();
    const leave = live.subscribe("points", { points: ["p"] }, handler);
    live.start();
    last().onopen?.();
    leave();
    last().say({ id: "p1", values: [] });
    expect(handler).not.toHaveBeenCalled();
    expect(last().sent[1]).toEqual({ op: "unsubscribe", id: "p1" });
  });

  it("hands a refusal to the one that asked, and asks about the session when it is refused itself", () => {
    const refuse = vi.fn();
    live.subscribe("network", {}, () => undefined, { refuse });
    live.start();
    last().onopen?.();
    last().say({ id: "n1", error: { status: 403, type: "urn:sitewarden:error:forbidden", detail: "no", remedy: "ask" } });
    expect(refuse).toHaveBeenCalledWith(expect.objectContaining({ code: "forbidden", remedy: "ask" }));
    last().onclose?.({ code: 4401 });
    expect(ended).toHaveBeenCalledOnce();
  });

  it("waits longer and longer for a server that takes it and closes at once", () => {
    live.start();
    for (let n = 0; n < 6; n++) {
      last().onopen?.();
      last().onclose?.({ code: 1011 });
      vi.advanceTimersByTime(500 * 2 ** n);
      expect(wires).toHaveLength(n + 2);
    }
    last().onopen?.();
    last().onclose?.({ code: 1011 });
    vi.advanceTimersByTime(4900);
    expect(wires).toHaveLength(7);
  });

  it("ignores what is no JSON", () => {
    live.start();
    last().onopen?.();
    last().onmessage?.({ data: "{" });
    expect(live.connection.state).toBe("open");
  });
});
