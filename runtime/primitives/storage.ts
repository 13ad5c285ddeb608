/**
 * The port between the rules and the state: five functions over bytes.
 * Everything in `runtime/` and `pallets/` reads and writes the chain through `Storage`; what lies below it
 * (a trie on disk, a map in a test) is a `Backend`.
 */
export interface Storage {
  /** The value under `key`; never to be changed in place. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Stores `value`, which the storage owns from here on: neither array may be changed afterwards. */
  set(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** The smallest key greater than `key`, in byte order. */
  nextKey(key: Uint8Array): Uint8Array | undefined;
  /** Root of Substrate's trie over everything visible now. */
  root(): Uint8Array;
}

/**
 * What is different from a state: key text (see `keyText`) to the new value, `undefined` where the key is
 * deleted. A map that was handed out is never changed again, so it may identify the work done for it.
 */
export type Changes = ReadonlyMap<string, Uint8Array | undefined>;

/** A state that does not change while it is read; the overlay holds what is new. */
export interface Backend {
  get(key: Uint8Array): Uint8Array | undefined;
  nextKey(key: Uint8Array): Uint8Array | undefined;
  /** Root of this state with `changes` applied; the state itself stays as it is. */
  root(changes: Changes): Uint8Array;
}
