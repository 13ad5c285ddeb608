import { keyText, textKey } from "../../runtime/primitives/key-text.ts";
import type { Backend, Changes } from "../../runtime/primitives/storage.ts";

/** A state that remembers which keys were looked at. */
export class RecordedState implements Backend {
  readonly #state: Backend;
  readonly #keys = new Set<string>();

  constructor(state: Backend) {
    this.#state = state;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#keys.add(keyText(key));
    return this.#state.get(key);
  }

  nextKey(key: Uint8Array): Uint8Array | undefined {
    const next = this.#state.nextKey(key);
    if (next !== undefined) this.#keys.add(keyText(next));
    return next;
  }

  root(changes: Changes): Uint8Array {
    // What is written has to be found in the trie first.
    for (const key of changes.keys()) this.#keys.add(key);
    return this.#state.root(changes);
  }

  keys(): readonly Uint8Array[] {
    return Array.from(this.#keys, textKey);
  }
}
