import { hashHeader } from "../../runtime/primitives/header.ts";
import type { ChainReader } from "../chain/types.ts";
import type { ProofStore, ProvenHeader } from "./proof-store.ts";
import type { FinalityProofAnswer } from "./types.ts";
import { encodeFinalityProof } from "./wire.ts";

/** As in Substrate. */
const maxHeaders = 100_000;

/**
 * Proves that the block at a height is final: by the justification of the last block of its set of voters, or of the
 * last one seen, and the headers between them.
 */
export function proveFinality(
  number: number,
  setId: bigint,
  chain: Pick<ChainReader, "finalized" | "header" | "hashAt">,
  proofs: ProofStore,
): FinalityProofAnswer {
  if (number > chain.finalized.number) return { type: "notFinal" };
  const proven = proofAbove(number, setId, proofs);
  if (!proven || proven.header.number < number) return { type: "none" };
  const headers = [];
  for (let at = number + 1; at <= proven.header.number && headers.length < maxHeaders; at++) {
    const hash = chain.hashAt(at);
    const header = hash && chain.header(hash);
    if (!header) return { type: "none" };
    headers.push(header);
  }
  const proof = encodeFinalityProof({
    block: hashHeader(proven.header),
    justification: proven.justification,
    unknown_headers: headers,
  });
  return { type: "proof", proof };
}

/** The end of the first set whose end is not below the height; the latest proof in the present set. */
function proofAbove(number: number, setId: bigint, proofs: ProofStore): ProvenHeader | undefined {
  let [low, high] = [0n, setId];
  while (low < high) {
    const middle = (low + high) / 2n;
    const end = proofs.endOf(middle);
    if (end && end.header.number >= number) high = middle;
    else low = middle + 1n;
  }
  return proofs.endOf(low) ?? proofs.latest();
}
