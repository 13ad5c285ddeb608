import { keyText, textKey } from "./key-text.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { Backend, Changes } from "./storage.ts";
import { trieRoot } from "./trie/root.ts";
import { type StateVersion, stateVersion1 } from "./trie/state-version.ts";

/** A whole state in a map; for tests, genesis and tools. Its root is computed from all entries each time. */
export interface MemoryBackend extends Backend {
  /** Makes `changes` part of the state. */
  apply(changes: Changes): void;
  /** All entries, in key order. */
  entries(): [key: Uint8Array, value: Uint8Array][];
}

/** A state holding `entries`, with roots in the given layout (version 1 unless told). */
export function memoryBackend(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]> = [],
  version: StateVersion = stateVersion1,
): MemoryBackend {
  const state = new Map<string, Uint8Array>();
  for (const [key, value] of entries) state.set(keyText(key), value);
  const order = new SortedKeys(state.keys());
  const isLive = (key: string) => state.has(key);

  return {
    get: (key) => state.get(keyText(key)),
    nextKey(key) {
      const next = order.next(keyText(key), isLive);
      return next === undefined ? undefined : textKey(next);
    },
    root(changes) {
      const all = new Map<string, Uint8Array | undefined>([...state, ...changes]);
      return trieRoot(
        [...all].flatMap(([key, value]) => (value === undefined ? [] : [[textKey(key), value] as const])),
        version,
      );
    },
    apply(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) state.delete(key);
        else {
          if (!state.has(key)) order.add(key);
          state.set(key, value);
        }
      }
    },
    entries: () => order.withPrefix("", isLive).map((key) => [textKey(key), state.get(key)!]),
  };
}
