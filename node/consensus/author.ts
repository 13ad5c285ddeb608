import { upgradeRequest } from "../../runtime/code-marker.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { Chain } from "../chain/chain.ts";
import type { Hash } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { PoolTransaction } from "../pool/types.ts";
import { buildBlock, type TransactionQueue } from "./block-builder.ts";
import { currentSlot } from "./check-claim.ts";
import { claimItems, sealItem, slotOf } from "./digest.ts";

/** Who is paid for a block and signs it, with sr25519. */
export interface AuthorKey {
  readonly account: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface AuthorComponents {
  readonly chain: Chain;
  readonly pool: {
    ready(): TransactionQueue & Iterable<PoolTransaction>;
    remove(hashes: readonly Hash[]): unknown;
  };
  /** Knows the signatures that the pool had checked. */
  readonly check: SignatureCheck;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

export interface AuthorOptions {
  readonly key: AuthorKey;
  readonly slotMs: number;
  /** The clock in ms. */
  readonly clock: () => number;
}

export interface BlockRequest {
  readonly parent: Head;
  readonly slot: bigint;
  /** The clock (ms) at which no further transaction is taken. */
  readonly deadline: number;
}

export interface AuthoredBlock extends Head {
  readonly isBest: boolean;
  readonly transactions: number;
}

/** Makes blocks: takes what is ready, seals it, and gives it to the chain with the changes already known. */
export class Author {
  readonly slotMs: number;
  readonly clock: () => number;
  readonly #key: AuthorKey;
  readonly #parts: AuthorComponents;

  constructor({ key, slotMs, clock }: AuthorOptions, parts: AuthorComponents) {
    this.#key = key;
    this.slotMs = slotMs;
    this.clock = clock;
    this.#parts = parts;
  }

  /** The slot of a block on `parent` that is made now: the clock's, or the next one if the parent is ahead. */
  nextSlot(parent: Hash): bigint {
    const before = slotOf(this.#headerOf(parent).digest) ?? 0n;
    const slot = currentSlot(this.clock(), this.slotMs);
    return slot > before ? slot : before + 1n;
  }

  /** @throws Error when the parent cannot be built on, or the chain refuses what was built. */
  async author({ parent, slot, deadline }: BlockRequest): Promise<AuthoredBlock> {
    const { chain, pool, check, log, metrics } = this.#parts;
    const started = performance.now();
    const lookup = chain.stateAt(parent.hash);
    if (lookup.type !== "ok") throw new Error(`the state of block ${parent.hash} is ${lookup.type}`);
    // Where slots run ahead of the clock, so does the time.
    const time = Math.max(this.clock(), Number(slot) * this.slotMs);
    const built = await buildBlock({
      parent,
      state: lookup.state,
      digest: [...claimItems(this.#key.account, slot), ...upgradeRequest({ storage: lookup.state })],
      inherents: { data: [[timestampIdentifier, encode(u64, BigInt(time))]] },
      transactions: pool.ready(),
      check,
      isOver: () => this.clock() >= deadline,
    });
    for (const { hash, error } of built.faults) {
      log?.error("the runtime failed at a transaction, which is dropped", { hash, error: String(error) });
    }
    const lost = [...built.invalid, ...built.faults.map(({ hash }) => hash)];
    if (lost.length > 0) pool.remove(lost);
    const signature = this.#key.sign(hashHeader(built.header));
    const header: Header = { ...built.header, digest: [...built.header.digest, sealItem(signature)] };
    metrics?.blockBuildSeconds.observe((performance.now() - started) / 1000);
    metrics?.blockTransactions.set(built.transactions);
    const { extrinsics, changes, transactions } = built;
    const result = await chain.import({ header, extrinsics }, "own", { changes });
    if (result.type === "refused") throw new Error(`the chain refused our own block: ${result.message}`);
    const isBest = result.type === "imported" && result.isBest;
    return { hash: result.hash, number: header.number, isBest, transactions };
  }

  #headerOf(hash: Hash): Header {
    const header = this.#parts.chain.header(hash);
    if (!header) throw new Error(`block ${hash} is not known`);
    return header;
  }
}

const timestampIdentifier = textBytes("timstap0");
