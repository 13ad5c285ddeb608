import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { textKey } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { trieDiff } from "../../runtime/primitives/trie/diff.ts";
import type { Version } from "../../runtime/primitives/trie/node-address.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import { type StateVersion, stateVersion1 } from "../../runtime/primitives/trie/state-version.ts";
import type { NodeStore } from "../../runtime/primitives/trie/stored-node.ts";
import { type TrieUpdate, updateTrie } from "../../runtime/primitives/trie/update.ts";
import type { Batch } from "../db/batch.ts";
import type { Database } from "../db/database.ts";
import { corrupt, DatabaseError } from "../db/errors.ts";
import { FlatState } from "./flat-state.ts";
import { buildIncoming, removeNodes } from "./incoming-state.ts";
import { NodeCache } from "./node-cache.ts";
import { OpenStates } from "./open-states.ts";
import { RootMismatch } from "./root-mismatch.ts";
import { StateDiscarded } from "./state-error.ts";
import { readMeta, writeMeta } from "./state-meta.ts";
import { StatePins } from "./state-pins.ts";
import type { StateRecord } from "./state-record.ts";
import { StateRows } from "./state-rows.ts";
import { StateView } from "./state-view.ts";

export type { StateView } from "./state-view.ts";

export interface StateOptions {
  /** How many final states to keep, at least 1, or all. States that are not final yet are always kept. */
  readonly pruning: number | "archive";
  /** Layout of values that are written; 1 unless told. */
  readonly stateVersion?: StateVersion;
  /** Bytes of trie branches to keep in memory at most; 96 MiB unless told, enough for a million accounts. */
  readonly nodeCacheBytes?: number;
  /** Bytes of values of the best state to keep in memory at most; 32 MiB unless told. */
  readonly valueCacheBytes?: number;
}

/** A state that is computed but not written. */
export interface StateUpdate extends StateRecord {
  readonly changes: Changes;
  readonly trie: TrieUpdate | undefined;
}

/** The state of a version: there, or why it is not. */
export type StateLookup =
  | { readonly type: "ok"; readonly state: StateView }
  /** No state had this version. */
  | { readonly type: "unknown" }
  /** It was pruned. */
  | { readonly type: "discarded" };

/**
 * The states of all kept blocks in one database.
 *
 * Every state has a version, and a trie node lies under the version that wrote it; a parent holds its
 * children's versions. So a block adds rows and overwrites none, and lists the rows that it made obsolete.
 * Pruning a final state deletes what its successor's list names; giving up a fork deletes what the fork wrote.
 * Nothing is counted, and nothing is left behind.
 *
 * Writers take turns: what is put into one batch is on disk before the next is prepared.
 */
export class StateDb {
  readonly #database: Database;
  readonly #keep: number;
  /** The database was made to keep all states, so it has no lists of obsolete rows and can never be pruned. */
  readonly #archive: boolean;
  readonly #stateVersion: StateVersion;
  readonly #cache: NodeCache;
  readonly #flat: FlatState;
  readonly #rows: StateRows;
  readonly #open = new OpenStates();
  readonly #pins = new StatePins();
  /** Given up, but still read by somebody. */
  readonly #doomed = new Set<Version>();
  #next: Version;
  #final: number;
  #oldest: number;
  #last: StateUpdate | undefined;

  private constructor(database: Database, options: StateOptions) {
    this.#database = database;
    this.#keep = options.pruning === "archive" ? Number.POSITIVE_INFINITY : options.pruning;
    this.#archive = (readMeta(database, "archive") ?? (options.pruning === "archive" ? 1 : 0)) === 1;
    this.#stateVersion = options.stateVersion ?? stateVersion1;
    this.#rows = new StateRows(database);
    this.#cache = new NodeCache(database, options.nodeCacheBytes ?? 96 * 2 ** 20);
    this.#flat = new FlatState(database, options.valueCacheBytes ?? 32 * 2 ** 20);
    this.#next = readMeta(database, "next") ?? 1;
    this.#final = readMeta(database, "final") ?? -1;
    this.#oldest = readMeta(database, "oldest") ?? 0;
  }

  /**
   * Opens the states of a database. One that was made to keep some may keep all for a while, but one that was
   * made to keep all cannot be pruned: throws `Schema`. Throws `Corrupt` when a restore was broken off.
   */
  static async open(database: Database, options: StateOptions): Promise<StateDb> {
    const states = new StateDb(database, options);
    await states.#load();
    return states;
  }

  /** The state at which reads are fastest: the best block's. 0 in a new database. */
  get best(): Version {
    return this.#flat.version;
  }

  view(version: Version): StateLookup {
    const record = this.#record(version);
    if (record) return { type: "ok", state: this.#view(record) };
    return { type: version > 0 && version < this.#next ? "discarded" : "unknown" };
  }

  /**
   * Computes the state that `changes` make of `parent` (0 is the empty state, for the first one). Nothing is
   * written; asking again for the same changes costs nothing. Throws `StateDiscarded` for a pruned parent.
   */
  update(parent: Version, changes: Changes): StateUpdate {
    if (this.#last?.parent === parent && this.#last.changes === changes) return this.#last;
    const record = parent === 0 ? noState : this.#record(parent);
    if (!record) throw new StateDiscarded(parent);
    const version = this.#next++;
    const atBest = this.#flat.isAt(parent);
    const sorted = [...changes.keys()].sort().map((text) => ({
      key: textKey(text),
      value: changes.get(text),
      exists: atBest && this.#flat.isKnown(text),
    }));
    const trie = updateTrie(this.#nodesOf(record), record.root, version, sorted, this.#stateVersion);
    const { rootHash, root } = trie ?? record;
    this.#last = { version, parent, depth: record.depth + 1, rootHash, root, changes, trie };
    return this.#last;
  }

  /** Puts a computed state into `batch`; with `best` the fast reads move to it. */
  write(batch: Batch, update: StateUpdate, { best }: { readonly best: boolean }): void {
    const { version, parent, changes, trie } = update;
    if (trie) this.#rows.putNodes(batch, version, trie, { journal: !this.#archive });
    this.#rows.putRecord(batch, update);
    writeMeta(batch, "next", version + 1);
    if (best) {
      const from = this.#flat.version;
      const steps = from === parent ? [changes] : [this.#difference(from, parent), changes];
      this.#flat.move(batch, version, ...steps);
    }
    this.#open.add(update);
    if (this.#last === update) this.#last = undefined;
    batch.watch({
      written: () => {
        for (const node of trie?.nodes ?? []) this.#cache.add(node);
      },
    });
  }

  /** Moves the fast reads to a state that is written already, after the best chain changed branch. */
  setBest(batch: Batch, version: Version): void {
    if (version === this.#flat.version) return;
    this.#flat.move(batch, version, this.#difference(this.#flat.version, version));
  }

  /**
   * Makes `version` and all states before it final, gives up the forks that can never be (the best state must
   * have moved off them in this batch or before), and prunes.
   */
  async finalize(batch: Batch, version: Version): Promise<void> {
    const path = this.#open.pathTo(version);
    for (const { version, depth } of path) this.#rows.putCanonical(batch, depth, version);
    const final = path[0]?.depth ?? this.#final;
    writeMeta(batch, "final", final);
    const oldest = this.#prune(batch, final, new Map(path.map((record) => [record.depth, record.version])));
    await this.discard(batch, this.#open.beside(version));
    batch.watch({
      written: () => {
        for (const { version } of path) this.#open.delete(version);
        this.#final = final;
        this.#oldest = oldest;
      },
    });
  }

  /** Deletes states that are not final, such as reverted ones, with whatever was waiting for its readers. */
  async discard(batch: Batch, versions: readonly Version[]): Promise<void> {
    const doomed = [...this.#doomed, ...versions];
    const kept = new Set(doomed.filter((version) => this.#pins.hold(version)));
    for (const version of doomed) {
      if (kept.has(version)) this.#rows.doom(batch, version);
      else await this.#rows.remove(batch, version);
    }
    batch.watch({
      written: () => {
        for (const version of doomed) {
          this.#open.delete(version);
          if (kept.has(version)) this.#doomed.add(version);
          else this.#doomed.delete(version);
        }
      },
    });
  }

  /**
   * Keeps a state readable, whatever becomes of its block, until the returned function is called (once).
   * Pins end with the process; a state that only a pin kept goes with the next `finalize` or at the next start.
   */
  pin(version: Version): () => void {
    const record = this.#record(version);
    if (!record) throw new StateDiscarded(version);
    const path = this.#open.pathTo(version);
    const lowest = path.at(-1);
    const final = lowest ? this.#record(lowest.parent) : record;
    const states = new Set([version, ...path.map((each) => each.version)]);
    this.#pins.add(version, { states, anchor: final?.depth ?? 0 });
    return () => this.#pins.remove(version);
  }

  /**
   * Puts a whole state, which came from elsewhere into the free column (`IncomingState`), in the place of all others:
   * final and best. Until the last batch, to which `finish` adds rows, nothing of it is seen; the others go with it.
   * @throws RootMismatch when the entries do not have the root; nothing has changed then.
   */
  async adopt(
    { rootHash, depth }: { readonly rootHash: Uint8Array; readonly depth: number },
    finish: (batch: Batch, version: Version) => void,
  ): Promise<{ readonly version: Version; readonly entries: number }> {
    const finals = this.#final < 0 ? [] : [this.#rows.canonicalAt(this.#final)];
    const old = [...finals, ...this.#open.versions()];
    if (old.length !== 1 || this.#oldest < this.#final) {
      throw new Error("a state from elsewhere can only take the place of the first one");
    }
    const { version, root, ...built } = await buildIncoming(
      this.#database,
      this.#cache,
      this.#next,
      this.#stateVersion,
    );
    // Its versions are used up, whatever comes of them: the cache may still know them.
    const first = this.#next;
    this.#next = version + 1;
    if (!equalBytes(built.rootHash, rootHash)) {
      await removeNodes(this.#database, first);
      throw new RootMismatch(rootHash, built.rootHash);
    }
    const batch = this.#database.batch();
    const record = { version, rootHash, root, parent: 0, depth };
    await this.discard(batch, old);
    if (finals.length > 0) this.#rows.putCanonical(batch, this.#final, undefined);
    this.#rows.putRecord(batch, record);
    this.#rows.putCanonical(batch, depth, version);
    writeMeta(batch, "next", version + 1);
    writeMeta(batch, "final", depth);
    writeMeta(batch, "oldest", depth);
    this.#flat.exchange(batch, version);
    finish(batch, version);
    await this.#database.write(batch, { sync: true });
    this.#final = depth;
    this.#oldest = depth;
    this.#last = undefined;
    return { version, entries: built.count };
  }

  /** Bytes of trie branches and of values that are held in memory. */
  get cachedBytes(): { readonly nodes: number; readonly values: number } {
    return { nodes: this.#cache.bytes, values: this.#flat.bytes };
  }

  async #load(): Promise<void> {
    const database = this.#database;
    if (readMeta(database, "restoring") === 1) {
      throw corrupt(`restoring a state into ${database.path} was broken off`);
    }
    const isNew = readMeta(database, "archive") === undefined;
    if (this.#archive && this.#keep !== Number.POSITIVE_INFINITY) {
      throw new DatabaseError(
        "Schema",
        `the database at ${database.path} keeps all states: start with --pruning archive, or run ` +
          "`matrixai purge-chain` and synchronise again.",
      );
    }
    const batch = database.batch();
    if (isNew) writeMeta(batch, "archive", this.#archive ? 1 : 0);
    for (const version of await this.#rows.doomed()) await this.#rows.remove(batch, version);
    // What `adopt` had put together when it was broken off: nothing refers to it.
    await removeNodes(database, this.#next);
    if (batch.size > 0) await database.write(batch);

    // What is not final descends from the final state, so its versions are greater.
    const from = this.#final < 0 ? 0 : this.#rows.canonicalAt(this.#final) + 1;
    for await (const record of this.#rows.recordsFrom(from)) this.#open.add(record);
  }

  /** Deletes final states beyond the number to keep; returns the depth of the oldest that stays. */
  #prune(batch: Batch, final: number, fresh: ReadonlyMap<number, Version>): number {
    const end = Math.min(final - this.#keep + 1, this.#pins.limit);
    const versionAt = (depth: number) => fresh.get(depth) ?? this.#rows.canonicalAt(depth);
    let depth = this.#oldest;
    for (; depth < end; depth++) this.#rows.prune(batch, depth, versionAt(depth), versionAt(depth + 1));
    if (depth !== this.#oldest) writeMeta(batch, "oldest", depth);
    return depth;
  }

  #record(version: Version): StateRecord | undefined {
    if (this.#doomed.has(version) && !this.#pins.hold(version)) return undefined;
    return this.#open.get(version) ?? this.#rows.record(version);
  }

  #view(record: StateRecord): StateView {
    const rootWith = (changes: Changes) => this.update(record.version, changes).rootHash;
    return new StateView(record, this.#flat, this.#nodesOf(record), rootWith);
  }

  #nodesOf({ version }: StateRecord): NodeStore {
    return {
      node: (address) => {
        const node = this.#cache.get(address);
        if (node) return node;
        if (!this.#record(version)) throw new StateDiscarded(version);
        const name = Buffer.from(address).toString("hex");
        throw corrupt(`trie node 0x${name} is missing in ${this.#database.path}`);
      },
    };
  }

  #difference(from: Version, to: Version): Changes {
    const [a, b] = [from, to].map((version) => (version === 0 ? noState : this.#record(version)));
    if (!a) throw new StateDiscarded(from);
    if (!b) throw new StateDiscarded(to);
    return trieDiff(this.#nodesOf(b), a.root, b.root);
  }
}

/** The empty state, on which the first one is built. */
const noState: StateRecord = { version: 0, rootHash: emptyRoot, root: undefined, parent: 0, depth: -1 };
