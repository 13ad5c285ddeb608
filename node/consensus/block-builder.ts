import { upgradeRequest } from "../../runtime/code-marker.ts";
import {
  type ApplyExtrinsicResult,
  applyExtrinsic,
  finalizeBlock,
  initializeBlock,
} from "../../runtime/executive.ts";
import { createInherents, type InherentData } from "../../runtime/inherents.ts";
import type { DigestItem } from "../../runtime/primitives/digest.ts";
import type { Header } from "../../runtime/primitives/header.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { Backend, Changes } from "../../runtime/primitives/storage.ts";
import type { TransactionValidityError } from "../../runtime/primitives/validity.ts";
import { type Hash, hashToBytes } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { PoolTransaction } from "../pool/types.ts";

/** Where transactions come from, best first. */
export interface TransactionQueue extends Iterable<PoolTransaction> {
  /** The one handed out last did not go in, so none that needs it can. */
  skipDependents(): void;
}

export interface BuildOptions {
  readonly parent: Head;
  /** The state after the parent. */
  readonly state: Backend;
  readonly digest: readonly DigestItem[];
  readonly inherents: InherentData;
  readonly transactions: TransactionQueue;
  readonly check: SignatureCheck;
  /** No transaction is tried any more when this says so. */
  readonly isOver: () => boolean;
}

export interface BuiltBlock {
  /** Without a seal. */
  readonly header: Header;
  readonly extrinsics: readonly Uint8Array[];
  /** What the block does to its parent's state. */
  readonly changes: Changes;
  /** How many of the extrinsics came from the queue. */
  readonly transactions: number;
  /** Transactions that can not go into any block of this branch. */
  readonly invalid: readonly Hash[];
  /** Transactions at which the runtime itself failed. As with Substrate's panics, only they are lost. */
  readonly faults: readonly { readonly hash: Hash; readonly error: unknown }[];
}

/** Substrate's: after so many that do not fit the block counts as full, though a smaller one might still fit. */
const maxSkipped = 8;
/** Milliseconds of work between two looks at the event loop. */
const stretchMs = 20;

/** Makes a block of what is ready, within the runtime's limits of weight and length and the time that is given. */
export async function buildBlock(options: BuildOptions): Promise<BuiltBlock> {
  const { parent, transactions, check } = options;
  const storage = new Overlay(options.state);
  initializeBlock(storage, {
    parentHash: hashToBytes(parent.hash),
    number: parent.number + 1,
    stateRoot: new Uint8Array(32),
    extrinsicsRoot: new Uint8Array(32),
    digest: [...options.digest, ...upgradeRequest({ storage })],
  });
  const extrinsics = createInherents(storage, options.inherents);
  for (const inherent of extrinsics) {
    const applied = applyExtrinsic(storage, inherent, check);
    if (applied.type === "Err") throw new Error(`an inherent was refused: ${describe(applied.value)}`);
  }
  const inherents = extrinsics.length;
  const invalid: Hash[] = [];
  const faults: { hash: Hash; error: unknown }[] = [];
  let skipped = 0;
  let stretch = performance.now();
  for (const { hash, bytes } of transactions) {
    if (performance.now() - stretch > stretchMs) {
      await new Promise((resume) => setImmediate(resume));
      stretch = performance.now();
    }
    if (options.isOver()) break;
    let applied: ApplyExtrinsicResult | undefined;
    try {
      applied = applyExtrinsic(storage, bytes, check);
    } catch (error) {
      faults.push({ hash, error });
    }
    if (applied?.type === "Ok") {
      extrinsics.push(bytes);
      continue;
    }
    transactions.skipDependents();
    if (!applied) continue;
    if (isAboutRoom(applied.value)) {
      if (++skipped > maxSkipped) break;
    } else if (!isAboutOrder(applied.value)) invalid.push(hash);
  }
  const header = finalizeBlock(storage);
  const changes = storage.changes();
  return { header, extrinsics, changes, invalid, faults, transactions: extrinsics.length - inherents };
}

const isAboutRoom = (error: TransactionValidityError): boolean => error.value.type === "ExhaustsResources";
/** The pool has not heard yet that what this one needs is gone: it will find out. */
const isAboutOrder = (error: TransactionValidityError): boolean => error.value.type === "Future";
const describe = (error: TransactionValidityError): string => `${error.type} ${error.value.type}`;
