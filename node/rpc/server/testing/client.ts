import { once } from "node:events";
import { WebSocket } from "ws";

export interface Answer {
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface Notification {
  readonly method: string;
  readonly params: { readonly subscription: string; readonly result: unknown };
}

/** A WebSocket client that keeps answers and notifications apart, each in the order of arrival. */
export class TestClient {
  readonly socket: WebSocket;
  readonly #answers = new Inbox<Answer>();
  readonly #notifications = new Inbox<Notification>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if ("method" in message) this.#notifications.put(message);
      else this.#answers.put(message);
    });
  }

  static async open(url: string): Promise<TestClient> {
    const socket = new WebSocket(url);
    const client = new TestClient(socket);
    await once(socket, "open");
    return client;
  }

  /** One request, its answer whole. One at a time. */
  ask(method: string, ...params: unknown[]): Promise<Answer> {
    return this.send(method, params);
  }

  /** {@link ask} with arguments by position or by name. */
  send(method: string, params: unknown): Promise<Answer> {
    this.socket.send(JSON.stringify({ jsonrpc: "2.0", id: this.#id++, method, params }));
    return this.#answers.take();
  }

  /** The result of a request that must not fail. */
  async get(method: string, ...params: unknown[]): Promise<unknown> {
    const { result, error } = await this.ask(method, ...params);
    if (error !== undefined) throw new Error(`${method}: ${error.code} ${error.message} ${error.data}`);
    return result;
  }

  /** The result of the next notification. */
  async next(): Promise<unknown> {
    return (await this.#notifications.take()).params.result;
  }

  /** What has come since the last time. */
  unread(): unknown[] {
    return this.#notifications.drain().map(({ params }) => params.result);
  }

  close(): void {
    this.socket.terminate();
  }
}

class Inbox<T> {
  readonly #waiting: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(item);
    else taker(item);
  }

  take(): Promise<T> {
    const item = this.#waiting.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  drain(): T[] {
    return this.#waiting.splice(0);
  }
}
