import { compareBytes } from "../../runtime/primitives/bytes.ts";
import type { Header } from "../../runtime/primitives/header.ts";
import type { ForkChoice } from "../chain/rules.ts";
import { claimOf } from "./digest.ts";

/**
 * The branch with most primary blocks: compute won them in lotteries, where secondary blocks only fill gaps. Then the
 * longest one, then the one whose last block has the lowest VRF output, on which all nodes agree whatever came first.
 */
export const mostPrimaries: ForkChoice = (candidate, best) => {
  if (candidate.weight !== best.weight) return candidate.weight > best.weight;
  if (candidate.header.number !== best.header.number) return candidate.header.number > best.header.number;
  return compareBytes(outputOf(candidate.header), outputOf(best.header)) < 0;
};

const outputOf = ({ digest }: Header): Uint8Array => claimOf(digest)?.vrf_output ?? new Uint8Array(0);
