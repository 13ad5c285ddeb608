import { toHex } from "../../runtime/primitives/bytes.ts";
import type { BestEvent, ChainReader } from "../chain/types.ts";
import type { StateView } from "../state/state-db.ts";
import type { Sink } from "./server/method.ts";

interface Watched {
  readonly keys: readonly Uint8Array[];
  readonly names: readonly string[];
  /** What the subscriber was told last. */
  readonly values: (Uint8Array | undefined)[];
}

/** Tells subscribers of `state_subscribeStorage` what changed with each new best block, and nothing when nothing did. */
export class StorageWatch {
  readonly #chain: ChainReader;
  readonly #watched = new Map<Sink, Watched>();

  constructor(chain: ChainReader) {
    this.#chain = chain;
  }

  /** Sends the values of now, then the changes; the result ends it. */
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
      if (this.#watched.size === 0) this.#chain.events.off("best", this.#onBest);
    };
  }

  readonly #onBest = ({ hash }: BestEvent): void => {
    const lookup = this.#chain.stateAt(hash);
    if (lookup.type !== "ok") return;
    // Many subscribers watch the same few items, such as the events of a block.
    const read = reader(lookup.state);
    for (const [sink, { keys, names, values }] of this.#watched) {
      const changes: [string, string | null][] = [];
      keys.forEach((key, i) => {
        const { value, text } = read(key, names[i] as string);
        if (same(value, values[i])) return;
        values[i] = value;
        changes.push([names[i] as string, text()]);
      });
      if (changes.length > 0) sink.send({ block: hash, changes });
    }
  };
}

interface Reading {
  readonly value: Uint8Array | undefined;
  /** The value in hex, made once for all. */
  text(): string | null;
}

function reader(state: StateView): (key: Uint8Array, name: string) => Reading {
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
