import type { Version } from "../../runtime/primitives/trie/node-address.ts";

/** A view was read after its state was pruned. */
export class StateDiscarded extends Error {
  readonly code = "StateDiscarded";

  constructor(version: Version) {
    super(`state already discarded (version ${version})`);
    this.name = "StateDiscarded";
  }
}
