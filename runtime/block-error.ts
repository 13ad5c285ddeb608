import { CodecError } from "./primitives/codec-error.ts";
import { CodedError } from "./primitives/coded-error.ts";

/** Why a block is not valid. */
export type BlockErrorCode =
  /** An extrinsic's bytes mean nothing in this runtime. */
  | "UndecodableExtrinsic"
  /** An extrinsic may not be in this block: signature, nonce, fee, room. */
  | "InvalidExtrinsic"
  /** An inherent that every block must have is not there. */
  | "MissingInherent"
  /** An inherent stands behind a transaction. */
  | "InherentNotFirst"
  /** The number does not follow the parent's. */
  | "WrongNumber"
  | "DigestMismatch"
  | "ExtrinsicsRootMismatch"
  | "StateRootMismatch";

/** A block that does not follow from its parent; the message names what is wrong. */
export class BlockError extends CodedError<BlockErrorCode> {
  override readonly name = "BlockError";
}

/** What `read` gives; a block with bytes that mean nothing is no block. */
export function explained<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new BlockError("UndecodableExtrinsic", `extrinsic ${index} means nothing here: ${error.message}`);
  }
}
