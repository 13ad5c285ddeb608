import type { Client } from "./server/method.ts";

/** What each client holds open by an id of its own, ended with the client. */
export class PerClient<T> {
  readonly #clients = new Map<Client, Map<string, T>>();
  readonly #reserved = new Map<Client, number>();
  readonly #end: (item: T) => void;

  /** `end` is called for each item that its client leaves behind. */
  constructor(end: (item: T) => void) {
    this.#end = end;
  }

  count(client: Client): number {
    return (this.#clients.get(client)?.size ?? 0) + (this.#reserved.get(client) ?? 0);
  }

  /** Takes a place that the client's next `set` fills, however many are asked for before the first is filled. */
  reserve(client: Client): void {
    this.#reserved.set(client, (this.#reserved.get(client) ?? 0) + 1);
  }

  get(client: Client, id: string): T | undefined {
    return this.#clients.get(client)?.get(id);
  }

  set(client: Client, id: string, item: T): void {
    const left = (this.#reserved.get(client) ?? 0) - 1;
    if (left > 0) this.#reserved.set(client, left);
    else this.#reserved.delete(client);
    const items = this.#clients.get(client);
    if (items !== undefined) {
      items.set(id, item);
      return;
    }
    const first = new Map([[id, item]]);
    this.#clients.set(client, first);
    client.onClose(() => {
      this.#clients.delete(client);
      for (const left of first.values()) this.#end(left);
    });
  }

  /** Takes an item away without ending it. */
  remove(client: Client, id: string): T | undefined {
    const items = this.#clients.get(client);
    const item = items?.get(id);
    items?.delete(id);
    return item;
  }
}
