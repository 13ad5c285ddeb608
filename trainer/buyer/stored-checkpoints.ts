/** What the trainer of an order has stored while it trained: what is left of the work of one that vanished. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Anchor } from "../../pallets/marketplace/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import { toldIn } from "../job/told-address.ts";
import { checkpointFile, lossFile } from "../proof/package.ts";
import { Bundle } from "../storage/bundle.ts";
import { StorageError } from "../storage/error.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Store } from "../storage/store.ts";
import { type BlockCall, callsDown } from "./block-calls.ts";
import { BuyerError } from "./buyer-error.ts";
import { finalHead } from "./follow-order.ts";

/** A checkpoint that was anchored, and the address of a bundle that says to have it. */
export interface StoredCheckpoint {
  readonly uri: string;
  readonly anchor: Committed;
}

/** What a trainer has committed to. */
type Committed = Pick<Anchor, "index" | "step" | "link">;

export interface LookOptions {
  readonly store: Store;
  /** For what is fetched. */
  readonly folder: string;
  readonly keys?: SealKeys;
  /** Where the bundle lies, if it is known. */
  readonly from?: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, of: number) => void;
}

/** In so many blocks after the last anchor its checkpoint is stored and told of, or never. */
const ahead = 1_000;
/** So far back from the last anchor an earlier one, or an address, may lie. */
const furthest = 20_000;
const mostAddresses = 8;

/**
 * Checkpoints of an order that its trainer says to have stored, the latest first. Addresses stand in remarks of the trainer's, and
 * so do anchors of an order that is over, of which the chain keeps the last alone: both are read from the bodies of blocks, under
 * its signature. Returns why there is none, or no more. @throws BuyerError `NoModel`, ChainError.
 */
export async function* storedCheckpoints(
  chain: ChainClient,
  { info }: OrderDetails,
  options: LookOptions,
): AsyncGenerator<StoredCheckpoint, string> {
  const { id, order, ended } = info;
  const trainer = ended ? ended.trainer : order?.deal?.trainer;
  const last = ended ? ended.last : info.anchors.at(-1);
  if (trainer === undefined || last === undefined || last.index === 0)
    throw new BuyerError("NoModel", `order ${id} has no model: no checkpoint was trained`);
  const found = new Found(options, ended ? [last] : info.anchors);
  if (options.from !== undefined) yield* await found.at(options.from);
  const top = Math.min(last.block + ahead, ended ? ended.ended : (await finalHead(chain)).number);
  const lowest = Math.max(1, last.block - furthest);
  for await (const blocks of callsDown(chain, top, lowest, options.signal)) {
    const calls = blocks.flatMap((block) => block.calls.toReversed());
    const own = calls.filter(({ signer }) => signer !== undefined && equalBytes(signer, trainer));
    for (const call of own) {
      const anchor = anchorIn(call, id);
      // Of an order that goes on the chain has them all.
      if (ended && anchor && anchor.index < last.index) found.add(anchor);
      const uri = addressIn(call, id);
      if (uri !== undefined && options.from === undefined) yield* await found.at(uri);
    }
    yield* found.more();
    if (own.some(({ name, value }) => name === "start" && value.order === id)) break;
    options.onProgress(top - blocks.at(-1)!.height + 1, top - lowest + 1);
  }
  return found.why ?? "its trainer has told of none that it stored";
}

/** Bundles and anchors, and what of the ones is among the others. */
class Found {
  readonly #options: LookOptions;
  readonly #anchors = new Map<number, Committed>();
  readonly #bundles = new Map<string, Bundle | undefined>();
  readonly #told = new Set<string>();
  /** What was wrong with the first address that is of no use. */
  why: string | undefined;

  constructor(options: LookOptions, anchors: readonly Committed[]) {
    this.#options = options;
    for (const anchor of anchors) this.add(anchor);
  }

  add(anchor: Committed): void {
    if (!this.#anchors.has(anchor.index)) this.#anchors.set(anchor.index, anchor);
  }

  /** Looks at an address; gives what is new by it. */
  async at(uri: string): Promise<Iterable<StoredCheckpoint>> {
    if (this.#bundles.has(uri) || this.#bundles.size === mostAddresses) return [];
    this.#bundles.set(uri, await this.#open(uri));
    return this.more();
  }

  /** What is stored and anchored and was not given yet, the latest first. */
  *more(): Generator<StoredCheckpoint> {
    const anchors = [...this.#anchors.values()].sort((a, b) => b.index - a.index);
    for (const [uri, bundle] of this.#bundles)
      for (const anchor of anchors) {
        const { index } = anchor;
        const names = [checkpointFile(index), lossFile(index)];
        const key = `${index} ${uri}`;
        if (index === 0 || this.#told.has(key)) continue;
        if (!names.every((name) => bundle?.hashOf(name) !== undefined)) continue;
        this.#told.add(key);
        yield { uri, anchor };
      }
  }

  async #open(uri: string): Promise<Bundle | undefined> {
    const { store, folder, keys, signal } = this.#options;
    try {
      await mkdir(folder, { recursive: true });
      return await Bundle.open(store, uri, join(folder, "index.json"), { signal, ...(keys && { keys }) });
    } catch (error) {
      if (!(error instanceof StorageError) || error.code === "DiskFull") throw error;
      this.why ??= error.message;
      return undefined;
    }
  }
}

function anchorIn({ pallet, name, value }: BlockCall, order: number): Committed | undefined {
  if (pallet !== "ProofOfTraining" || name !== "anchor" || value.order !== order) return undefined;
  const { index, step, link } = value as Record<string, unknown> & Committed;
  return { index, step, link };
}

function addressIn({ pallet, name, value }: BlockCall, order: number): string | undefined {
  if (pallet !== "System" || name !== "remark") return undefined;
  const told = toldIn(value.remark as Uint8Array);
  return told?.order === order ? told.uri : undefined;
}
