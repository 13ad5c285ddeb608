import { validateTransaction } from "../../runtime/executive.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type {
  InvalidTransaction,
  TransactionValidityError,
  UnknownTransaction,
} from "../../runtime/primitives/validity.ts";
import { hashToBytes } from "../chain/hash.ts";
import type { ChainReader } from "../chain/types.ts";
import type { SignatureChecks } from "../verify/signature-checks.ts";
import type { Validate, Validity } from "./types.ts";

/** What the runtime says against a transaction. */
export type RuntimeRefusal = InvalidTransaction | UnknownTransaction;

/**
 * The pool's rules as the runtime has them, with signatures checked in the workers.
 * It rejects with a `CodecError` for bytes that mean nothing to the runtime.
 */
export function runtimeValidator(
  chain: Pick<ChainReader, "best" | "stateAt">,
  signatures: SignatureChecks,
): Validate<RuntimeRefusal> {
  return async (extrinsic, source, at) => {
    const [block, state] = stateFor(chain, at);
    const { result, areValid } = await signatures.alongside((check) =>
      validateTransaction(new Overlay(state), source, extrinsic, hashToBytes(block), check),
    );
    // As in Substrate, a bad signature is said before whatever else is wrong.
    if (!areValid) return { type: "invalid", reason: { type: "BadProof", value: undefined } };
    return result.type === "Ok" ? { type: "valid", value: result.value } : refusal(result.value);
  };
}

/** The state to validate at; the best one when `at` was given up meanwhile. */
function stateFor(chain: Pick<ChainReader, "best" | "stateAt">, at: ChainReader["best"]["hash"]) {
  for (const hash of [at, chain.best.hash]) {
    const lookup = chain.stateAt(hash);
    if (lookup.type === "ok") return [hash, lookup.state] as const;
  }
  throw new Error(`the state of the best block ${chain.best.hash} is missing`);
}

function refusal(error: TransactionValidityError): Validity<RuntimeRefusal> {
  return error.type === "Invalid"
    ? { type: "invalid", reason: error.value }
    : { type: "unknown", reason: error.value };
}
