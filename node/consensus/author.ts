import { claimItems, lotteryOf } from "../../pallets/poh/index.ts";
import { upgradeRequest } from "../../runtime/code-marker.ts";
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { AuthoredSlots } from "../chain/authored-slots.ts";
import type { Chain } from "../chain/chain.ts";
import type { Hash } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { PoolTransaction } from "../pool/types.ts";
import type { StateView } from "../state/state-db.ts";
import { buildBlock, type TransactionQueue } from "./block-builder.ts";
import { currentSlot } from "./check-claim.ts";
import { sealItem, slotOf } from "./digest.ts";
import { type LocalClaim, localClaims, type PohKey, secondaryClaim } from "./local-claims.ts";

/** What a block brings in unsigned: an identifier of eight characters, and the pallet's encoding. */
export type InherentEntry = readonly [identifier: Uint8Array, data: Uint8Array];

export interface AuthorComponents {
  readonly chain: Chain;
  readonly pool: {
    ready(): TransactionQueue & Iterable<PoolTransaction>;
    remove(hashes: readonly Hash[]): unknown;
  };
  readonly slots: AuthoredSlots;
  /** Knows the signatures that the pool had checked. */
  readonly check: SignatureCheck;
  /** What a block on this state brings in besides its time. */
  readonly inherents?: (ctx: ReadCtx) => readonly InherentEntry[];
  readonly log?: Log;
  readonly metrics?: Metrics;
}

export interface AuthorOptions {
  /** The keys that are here now; more may come while the node runs. */
  readonly keys: () => readonly PohKey[];
  readonly slotMs: number;
  /** The clock in ms. */
  readonly clock: () => number;
}

export interface BlockRequest {
  readonly parent: Head;
  /** One that holds on `parent`. */
  readonly claim: LocalClaim;
  /** The clock (ms) at which no further transaction is taken. */
  readonly deadline: number;
}

export interface AuthoredBlock extends Head {
  readonly isBest: boolean;
  readonly transactions: number;
}

/** So many slots are looked at for one in which a local key was drawn. */
const maxSlotsAhead = 1000n;

/** Makes blocks: takes what is ready, seals it, and gives it to the chain with the changes already known. */
export class Author {
  readonly slotMs: number;
  readonly clock: () => number;
  readonly #keys: () => readonly PohKey[];
  readonly #parts: AuthorComponents;

  constructor({ keys, slotMs, clock }: AuthorOptions, parts: AuthorComponents) {
    this.#keys = keys;
    this.slotMs = slotMs;
    this.clock = clock;
    this.#parts = parts;
  }

  /** What local keys may claim for a block on `parent` in a slot, best first. */
  claims(parent: Head, slot: bigint): LocalClaim[] {
    const keys = this.#keys();
    if (keys.length === 0 || slot <= this.#parts.slots.last) return [];
    return localClaims(lotteryOf({ storage: this.#stateOf(parent) }, slot), slot, keys);
  }

  /**
   * The claim for a block on `parent` that is made now: for the clock's slot, or a later one, if the parent is ahead, or
   * until a local key is the secondary author. Throws when there is no such slot within a thousand.
   */
  nextClaim(parent: Head): LocalClaim {
    const before = slotOf(this.#headerOf(parent.hash).digest) ?? -1n;
    const after = before > this.#parts.slots.last ? before : this.#parts.slots.last;
    const now = currentSlot(this.clock(), this.slotMs);
    const first = now > after ? now : after + 1n;
    const [storage, keys] = [this.#stateOf(parent), this.#keys()];
    for (let slot = first; slot < first + maxSlotsAhead; slot++) {
      const claim = secondaryClaim(lotteryOf({ storage }, slot), slot, keys);
      if (claim) return claim;
    }
    throw new Error(`no key of this node may make a block in the ${maxSlotsAhead} slots from ${first} on`);
  }

  /** @throws Error when the parent cannot be built on, a block was made for the slot, or the chain refuses this one. */
  async author({ parent, claim: { claim, author, key }, deadline }: BlockRequest): Promise<AuthoredBlock> {
    const { chain, pool, slots, check, inherents, log, metrics } = this.#parts;
    const started = performance.now();
    const state = this.#stateOf(parent);
    const { slot } = claim;
    if (!(await slots.take(slot))) throw new Error(`a block was made here for slot ${slot} or a later one`);
    const built = await buildBlock({
      parent,
      state,
      digest: [...claimItems(author, claim), ...upgradeRequest({ storage: state })],
      inherents: {
        data: [
          [timestampIdentifier, encode(u64, BigInt(this.#timeIn(slot)))],
          ...(inherents?.({ storage: state }) ?? []),
        ],
      },
      transactions: pool.ready(),
      check,
      isOver: () => this.clock() >= deadline,
    });
    for (const { hash, error } of built.faults) {
      log?.error("the runtime failed at a transaction, which is dropped", { hash, error: String(error) });
    }
    const lost = [...built.invalid, ...built.faults.map(({ hash }) => hash)];
    if (lost.length > 0) pool.remove(lost);
    const signature = key.sign(hashHeader(built.header));
    const header: Header = { ...built.header, digest: [...built.header.digest, sealItem(signature)] };
    metrics?.blockBuildSeconds.observe((performance.now() - started) / 1000);
    metrics?.blockTransactions.set(built.transactions);
    const { extrinsics, changes, transactions } = built;
    const result = await chain.import({ header, extrinsics }, "own", { changes });
    if (result.type === "refused") throw new Error(`the chain refused our own block: ${result.message}`);
    const isBest = result.type === "imported" && result.isBest;
    return { hash: result.hash, number: header.number, isBest, transactions };
  }

  /** The clock, or as near to it as a slot allows: where slots run ahead of the clock, so does the time. */
  #timeIn(slot: bigint): number {
    const start = Number(slot) * this.slotMs;
    return Math.min(Math.max(this.clock(), start), start + this.slotMs - 1);
  }

  #stateOf({ hash }: Head): StateView {
    const lookup = this.#parts.chain.stateAt(hash);
    if (lookup.type !== "ok") throw new Error(`the state of block ${hash} is ${lookup.type}`);
    return lookup.state;
  }

  #headerOf(hash: Hash): Header {
    const header = this.#parts.chain.header(hash);
    if (!header) throw new Error(`block ${hash} is not known`);
    return header;
  }
}

const timestampIdentifier = textBytes("timstap0");
