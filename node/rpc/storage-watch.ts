import { toHex } from "../../runtime/primitives/bytes.ts";
import type { Hash } from "../chain/hash.ts";
import type { BestEvent, ChainReader } from "../chain/types.ts";
import type { Log } from "../log/log.ts";
import type { StateView } from "../state/state-db.ts";
import { StateDiscarded } from "../state/state-error.ts";
import { invalidParams } from "./server/error.ts";
import type { Client, Sink } from "./server/method.ts";

/** Keys that one client may watch, over all its subscriptions: each is read at each new block. */
export const maxWatchedKeys = 10_000;

/** How long one block's readings may keep the event loop, in ms, before it has its turn. */
const sliceMs = 10;

interface Watched {
  readonly keys: readonly Uint8Array[];
  readonly names: readonly string[];
  /** What the subscriber was told last. */
  readonly values: (Uint8Array | undefined)[];
}

/** Tells subscribers of `state_subscribeStorage` what changed with each new best block, and nothing when nothing did. */
export class StorageWatch {
  readonly #chain: ChainReader;
  readonly #log: Log;
  readonly #watched = new Map<Sink, Watched>();
  readonly #keysOf = new Map<Client, number>();
  /** The best block that nobody was told of yet. */
  #due: Hash | undefined;
  #telling = false;

  constructor(chain: ChainReader, log: Log) {
    this.#chain = chain;
    this.#log = log;
  }

  /** Takes room for what `add` will watch. @throws RpcError -32602 when the client would watch too many keys. */
  reserve(client: Client, keys: readonly Uint8Array[]): void {
    const watched = this.#keysOf.get(client) ?? 0;
    if (watched + keys.length > maxWatchedKeys)
      throw invalidParams(`one connection may watch ${maxWatchedKeys} keys, and watches ${watched} already`);
    this.#count(client, keys.length);
  }

  /** Sends the values of now, then the changes; the result ends it and gives the room back. */
  add(sink: Sink, keys: readonly Uint8Array[]): () => void {
    const { hash } = this.#chain.best;
    const lookup = this.#chain.stateAt(hash);
    const values = keys.map((key) => (lookup.type === "ok" ? lookup.state.get(key) : undefined));
    const names = keys.map(toHex);
    sink.send({ block: hash, changes: names.map((name, i) => [name, hexOrNull(values[i])]) });
    if (this.#watched.size === 0) this.#chain.events.on("best", this.#onBest);
    this.#watched.set(sink, { keys, names, values });
    return () => {
      this.#watched.delete(sink);
      this.#count(sink.client, -keys.length);
      if (this.#watched.size === 0) this.#chain.events.off("best", this.#onBest);
    };
  }

  #count(client: Client, change: number): void {
    const keys = (this.#keysOf.get(client) ?? 0) + change;
    if (keys > 0) this.#keysOf.set(client, keys);
    else this.#keysOf.delete(client);
  }

  readonly #onBest = ({ hash }: BestEvent): void => {
    this.#due = hash;
    if (!this.#telling) void this.#tell();
  };

  /** At once as far as one turn goes. A block that comes meanwhile is told after this one; those between are skipped. */
  async #tell(): Promise<void> {
    this.#telling = true;
    while (this.#due !== undefined) {
      const block = this.#due;
      this.#due = undefined;
      try {
        await this.#tellOf(block);
      } catch (error) {
        // Pruned while it was read, it has a successor that is told.
        if (!(error instanceof StateDiscarded))
          this.#log.error("could not tell of changes", { block, error });
      }
    }
    this.#telling = false;
  }

  async #tellOf(block: Hash): Promise<void> {
    const lookup = this.#chain.stateAt(block);
    if (lookup.type !== "ok") return;
    // Many subscribers watch the same few items, such as the events of a block.
    const read = reader(lookup.state);
    let began = performance.now();
    for (const [sink, watched] of this.#watched) {
      tellChanges(sink, block, watched, read);
      if (performance.now() - began < sliceMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      began = performance.now();
    }
  }
}

function tellChanges(sink: Sink, block: Hash, { keys, names, values }: Watched, read: Reader): void {
  const changes: [string, string | null][] = [];
  keys.forEach((key, i) => {
    const { value, text } = read(key, names[i] as string);
    if (same(value, values[i])) return;
    values[i] = value;
    changes.push([names[i] as string, text()]);
  });
  if (changes.length > 0) sink.send({ block, changes });
}

type Reader = (key: Uint8Array, name: string) => Reading;

interface Reading {
  readonly value: Uint8Array | undefined;
  /** The value in hex, made once for all. */
  text(): string | null;
}

function reader(state: StateView): Reader {
  const known = new Map<string, Reading>();
  return (key, name) => {
    let reading = known.get(name);
    if (reading === undefined) {
      const value = state.get(key);
      let text: string | null | undefined;
      reading = {
        value,
        text() {
          text ??= hexOrNull(value);
          return text;
        },
      };
      known.set(name, reading);
    }
    return reading;
  };
}

const hexOrNull = (value: Uint8Array | undefined) => (value === undefined ? null : toHex(value));

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}
