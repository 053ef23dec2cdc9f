import { toProblem, type Problem } from "../api/problem";
import { backoff } from "./backoff";

export type Topic = "events" | "status" | "points" | "network";

export interface Message {
  id?: string;
  op?: string;
  events?: unknown[];
  cursor?: number;
  statuses?: unknown[];
  values?: unknown[];
  ledger?: unknown[];
  error?: Record<string, unknown>;
}

interface Subscription {
  topic: Topic;
  filter: Record<string, unknown>;
  /** Events: the sequence number after which to go on; null starts at the end of the log. */
  after: number | null;
  deliver: (message: Message) => void;
  refuse?: (problem: Problem) => void;
}

export interface Connection {
  state: "connecting" | "open" | "lost";
  /** When the server was last heard, ms; 0 when never. */
  heard: number;
}

/** What of the browser's WebSocket is used; tests give their own. */
export interface Wire {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

/** The server pings each 15 s; two missed ones mean that the connection is dead, whatever TCP believes. */
const SILENCE_MS = 32_000;
const SETTLED_MS = 5000;

/**
 * The console's one WebSocket: subscriptions survive a loss, events go on after the last cursor that was seen.
 */
export class LiveSocket {
  connection: Connection = { state: "connecting", heard: 0 };

  private wire: Wire | null = null;
  private attempt = 0;
  private opened = 0;
  private next = 1;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly watchers = new Set<() => void>();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly open: () => Wire,
    private readonly ended: () => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  start(): void {
    this.watchdog ??= setInterval(() => this.watch(), 1000);
    if (!this.wire) this.connect();
  }

  stop(): void {
    clearTimeout(this.retry);
    clearInterval(this.watchdog);
    this.watchdog = undefined;
    this.drop();
  }

  /** Connects at once, e.g. when the browser says that the network is back. */
  hurry(): void {
    if (this.connection.state === "open" || !this.watchdog) return;
    this.attempt = 0;
    clearTimeout(this.retry);
    this.drop();
    this.connect();
  }

  /** Subscribes until the returned function is called. */
  subscribe(
    topic: Topic,
    filter: Record<string, unknown>,
    deliver: Subscription["deliver"],
    options: Partial<Pick<Subscription, "after" | "refuse">> = {},
  ): () => void {
    const id = `${topic[0] ?? ""}${this.next++}`;
    const subscription: Subscription = { topic, filter, deliver, after: options.after ?? null, refuse: options.refuse };
    this.subscriptions.set(id, subscription);
    if (this.connection.state === "open") this.ask(id, subscription);
    return () => {
      this.subscriptions.delete(id);
      if (this.connection.state === "open") this.wire?.send(JSON.stringify({ op: "unsubscribe", id }));
    };
  }

  onChange = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  snapshot = (): Connection => this.connection;

  private change(state: Connection["state"]): void {
    this.connection = { state, heard: this.connection.heard };
    for (const watcher of this.watchers) watcher();
  }

  private connect(): void {
    const wire = this.open();
    this.wire = wire;
    const opened = this.now();
    wire.onopen = () => {
      this.opened = this.now();
      this.connection.heard = this.now();
      this.change("open");
      for (const [id, subscription] of this.subscriptions) this.ask(id, subscription);
    };
    wire.onmessage = (event) => {
      this.connection.heard = this.now();
      if (typeof event.data === "string") this.take(event.data);
    };
    wire.onclose = (event) => {
      if (this.wire !== wire) return;
      this.wire = null;
      if (event.code === 4401 || event.code === 4403 || this.now() - opened < 1000) this.ended();
      this.again();
    };
  }

  private ask(id: string, subscription: Subscription): void {
    const { topic, filter, after } = subscription;
    const body = topic === "events" ? { op: "subscribe", id, topic, filter, after } : { op: "subscribe", id, topic, filter };
    this.wire?.send(JSON.stringify(body));
  }

  private take(text: string): void {
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      return;
    }
    const subscription = message.id === undefined ? undefined : this.subscriptions.get(message.id);
    if (!subscription) return;
    if (message.error) {
      const status = typeof message.error.status === "number" ? message.error.status : 400;
      subscription.refuse?.(toProblem(status, message.error));
      return;
    }
    if (message.cursor !== undefined) subscription.after = message.cursor;
    subscription.deliver(message);
  }

  private watch(): void {
    // Only a connection that held starts the waiting anew: a server that closes at once is not asked in a loop.
    if (this.connection.state === "open" && this.now() - this.opened > SETTLED_MS) this.attempt = 0;
    if (this.connection.state === "open" && this.now() - this.connection.heard > SILENCE_MS) {
      this.drop();
      this.again();
    }
  }

  private again(): void {
    if (!this.watchdog) return;
    this.change("lost");
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), backoff(this.attempt++));
  }

  private drop(): void {
    const wire = this.wire;
    this.wire = null;
    if (!wire) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    wire.close();
  }
}
