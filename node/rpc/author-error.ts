/** Substrate's codes and texts for a transaction that was not taken; clients show and compare them. */
import type { Hash } from "../chain/hash.ts";
import type { RuntimeRefusal } from "../pool/runtime-validator.ts";
import type { PoolError } from "../pool/types.ts";
import { RpcError } from "./server/error.ts";

/** The answer to a client whose transaction `hash` the pool refused. */
export function authorError(error: PoolError<RuntimeRefusal>, hash: Hash): RpcError {
  switch (error.code) {
    case "Invalid":
      return new RpcError(1010, "Invalid Transaction", refusalText(error.reason));
    case "Unknown":
      return new RpcError(1011, "Unknown Transaction Validity", refusalText(error.reason));
    case "TemporarilyBanned":
      return new RpcError(1012, "Transaction is temporarily banned");
    case "AlreadyImported":
      return new RpcError(1013, "Transaction Already Imported", hash);
    case "TooLowPriority":
      return new RpcError(1014, `Priority is too low: (${error.old} vs ${error.new})`, tooLow);
    case "CycleDetected":
      return new RpcError(1015, "Cycle Detected");
    case "ImmediatelyDropped":
      return new RpcError(1016, "Immediately Dropped", noRoom);
    case "Unactionable":
      return new RpcError(1018, "Unactionable", unactionable);
    case "NoTagsProvided":
      return new RpcError(1019, "No tags provided", noTags);
    case "FutureNotAccepted":
      return new RpcError(1021, "The pool is not accepting future transactions");
  }
}

export const badFormat = (why: string) => new RpcError(1001, `Extrinsic has invalid format: ${why}`);

/** For bytes in which the runtime finds no extrinsic; the data is what polkadot-sdk says there. */
export const verificationError = (why: string) =>
  new RpcError(1002, `Verification Error: ${why}`, `Bad input data provided to validate_transaction: ${why}`);

const tooLow = "The transaction has too low priority to replace another transaction already in the pool.";
const noRoom = "The transaction couldn't enter the pool because of the limit";
const unactionable =
  "The transaction is unactionable since it is not propagable and the local node does not author blocks";
const noTags = "Transaction does not provide any tags, so the pool can't identify it";

/** Substrate's sentence for a validity error; the enum's own name where it has none. */
export function refusalText(refusal: RuntimeRefusal): string {
  return refusal.type === "Custom"
    ? `Custom error: ${refusal.value}`
    : (sentences[refusal.type] ?? refusal.type);
}

const sentences: Readonly<Record<string, string>> = {
  Call: "Transaction call is not expected",
  Payment: "Inability to pay some fees (e.g. account balance too low)",
  Future: "Transaction will be valid in the future",
  Stale: "Transaction is outdated",
  BadProof: "Transaction has a bad signature",
  AncientBirthBlock: "Transaction has an ancient birth block",
  ExhaustsResources: "Transaction would exhaust the block limits",
  BadMandatory: "A call was labelled as mandatory, but resulted in an Error.",
  MandatoryValidation: "Transaction dispatch is mandatory; transactions must not be validated.",
  BadSigner: "Invalid signing address",
  IndeterminateImplicit: "The implicit data was unable to be calculated",
  UnknownOrigin: "The transaction extension did not authorize any origin",
};
