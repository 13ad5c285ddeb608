import type { Version } from "../../runtime/primitives/trie/node-address.ts";
import type { StateRecord } from "./state-record.ts";

/** The states above the newest final one, as a tree: any branch of it may yet become final. */
export class OpenStates {
  readonly #records = new Map<Version, StateRecord>();

  get(version: Version): StateRecord | undefined {
    return this.#records.get(version);
  }

  add({ version, rootHash, root, parent, depth }: StateRecord): void {
    // A state's update is a record too, and must not be kept with all its nodes.
    this.#records.set(version, { version, rootHash, root, parent, depth });
  }

  delete(version: Version): void {
    this.#records.delete(version);
  }

  versions(): Version[] {
    return [...this.#records.keys()];
  }

  /** A state and those it stands on, down to the first above the final one; empty for one that is not open. */
  pathTo(version: Version): StateRecord[] {
    const path: StateRecord[] = [];
    for (let record = this.get(version); record; record = this.get(record.parent)) path.push(record);
    return path;
  }

  /** States that neither lead to `version` nor follow it. */
  beside(version: Version): Version[] {
    const followers = new Set([version]);
    const before = new Set(this.pathTo(version).map((record) => record.version));
    const others: Version[] = [];
    // A child's version is greater than its parent's.
    for (const record of [...this.#records.values()].sort((a, b) => a.version - b.version)) {
      if (followers.has(record.parent)) followers.add(record.version);
      else if (!before.has(record.version)) others.push(record.version);
    }
    return others;
  }
}
