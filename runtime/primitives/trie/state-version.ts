/** How a trie holds long values: version 0 inside their nodes, version 1 by hash. */
export type StateVersion = 0 | 1;

export const stateVersion0: StateVersion = 0;
export const stateVersion1: StateVersion = 1;

/** Values of at least this many bytes are held by hash in version 1 (`TRIE_VALUE_NODE_THRESHOLD`). */
const hashedFrom = 33;

/** Whether a newly written value is held by hash. */
export const isHashed = (value: Uint8Array, version: StateVersion): boolean =>
  version === stateVersion1 && value.length >= hashedFrom;
