/**
 * How a block is executed; read it from top to bottom. Everything here is a synchronous function of the state
 * (an overlay on it) and bytes.
 */
import * as system from "../pallets/system/index.ts";
import { checkBlockHeader, checkBlockNumber } from "./block-checks.ts";
import { BlockError, explained } from "./block-error.ts";
import { checkExtrinsic, verifyNow } from "./check-extrinsic.ts";
import { upgrade } from "./code-marker.ts";
import type { Ctx } from "./frame/ctx.ts";
import { type DispatchOutcome, outcomeOf } from "./frame/dispatch-outcome.ts";
import { finalizePallets, idlePallets, initializePallets } from "./hooks.ts";
import { runtime } from "./index.ts";
import { checkInherentLayout } from "./inherents.ts";
import { type Header, withoutSeal } from "./primitives/header.ts";
import type { Overlay } from "./primitives/overlay.ts";
import type { SignatureCheck } from "./primitives/signature.ts";
import { orderedTrieRoot } from "./primitives/trie/root.ts";
import {
  InvalidityError,
  invalid,
  type TransactionSource,
  type TransactionValidity,
  type TransactionValidityError,
} from "./primitives/validity.ts";
import { dispatchExtrinsic, validity } from "./transaction.ts";

/** Extrinsics are in their wire form. */
export interface Block {
  readonly header: Header;
  readonly extrinsics: readonly Uint8Array[];
}

/** The outer result says whether it may be in the block, the inner one how its call ended. */
export type ApplyExtrinsicResult =
  | { readonly type: "Ok"; readonly value: DispatchOutcome }
  | { readonly type: "Err"; readonly value: TransactionValidityError };

/** Executes a whole block and compares what came out with its header; throws a `BlockError`. */
export function executeBlock(storage: Overlay, block: Block, check: SignatureCheck = verifyNow): void {
  const header = withoutSeal(block.header);
  checkBlockNumber(storage, header);
  checkInherentLayout(block.extrinsics);
  initializeBlock(storage, header);
  for (const [index, extrinsic] of block.extrinsics.entries()) include(storage, extrinsic, index, check);
  checkBlockHeader(header, finalizeBlock(storage));
}

/**
 * Begins the block that follows the state below `storage`. Of the header, number, parent and digest count:
 * its `PreRuntime` items, and `RuntimeEnvironmentUpdated` where an author asks for an upgrade.
 */
export function initializeBlock(storage: Overlay, header: Header): void {
  const ctx = runtime.context(storage);
  const digest = header.digest.filter((item) => item.type === "PreRuntime");
  system.initialize(ctx, header.number, header.parentHash, digest);
  if (header.digest.some((item) => item.type === "RuntimeEnvironmentUpdated")) upgrade(ctx);
  initializePallets(ctx, header.number);
  system.noteFinishedInitialize(ctx);
}

/** Applies one extrinsic. One that may not be in the block leaves no trace; a failed call does, and costs its fee. */
export function applyExtrinsic(
  storage: Overlay,
  bytes: Uint8Array,
  check: SignatureCheck = verifyNow,
): ApplyExtrinsicResult {
  const ctx = runtime.context(storage);
  storage.begin();
  try {
    const extrinsic = checkExtrinsic(ctx, bytes, check);
    const info = runtime.dispatchInfo(extrinsic.call);
    system.noteExtrinsic(ctx, bytes);
    const result = dispatchExtrinsic(ctx, extrinsic, info);
    // What must be in the block must also succeed, or an author could fill it with inherents that fail.
    if (!result.ok && info.class === "Mandatory") throw invalid({ type: "BadMandatory" });
    system.noteAppliedExtrinsic(ctx, result, info);
    storage.commit();
    return { type: "Ok", value: outcomeOf(result) };
  } catch (error) {
    storage.rollback();
    if (error instanceof InvalidityError) return { type: "Err", value: error.reason };
    throw error;
  }
}

/** Ends the block. Returns its header, without a seal. */
export function finalizeBlock(storage: Overlay): Header {
  const ctx = runtime.context(storage);
  idlePallets(ctx);
  system.noteFinishedExtrinsics(ctx);
  finalizePallets(ctx);
  const { number, parentHash, digest, extrinsics } = system.finalize(ctx);
  return {
    parentHash,
    number,
    stateRoot: storage.root(),
    extrinsicsRoot: orderedTrieRoot(extrinsics),
    digest,
  };
}

/**
 * Whether a transaction may go into the block after `blockHash`, at whose state `storage` stands, now or
 * later. Changes nothing. Throws a `CodecError` for bytes that mean nothing.
 */
export function validateTransaction(
  storage: Overlay,
  _source: TransactionSource,
  bytes: Uint8Array,
  blockHash: Uint8Array,
  check: SignatureCheck = verifyNow,
): TransactionValidity {
  const ctx = runtime.context(storage);
  storage.begin();
  try {
    standAfter(ctx, blockHash);
    const extrinsic = checkExtrinsic(ctx, bytes, check);
    return { type: "Ok", value: validity(ctx, extrinsic) };
  } catch (error) {
    if (error instanceof InvalidityError) return { type: "Err", value: error.reason };
    throw error;
  } finally {
    storage.rollback();
  }
}

// As much of a next block as validation looks at.
function standAfter(ctx: Ctx, blockHash: Uint8Array): void {
  const number = system.blockNumber(ctx);
  system.storage.Number.set(ctx, number + 1);
  system.storage.BlockHash.set(ctx, number, blockHash);
}

// A block with one extrinsic that may not be in it is no block.
function include(storage: Overlay, extrinsic: Uint8Array, index: number, check: SignatureCheck): void {
  const result = explained(index, () => applyExtrinsic(storage, extrinsic, check));
  if (result.type === "Ok") return;
  const { type, value } = result.value;
  throw new BlockError(
    "InvalidExtrinsic",
    `extrinsic ${index} may not be in this block: ${type} ${value.type}`,
  );
}
