/** What the calls weigh, inner calls aside: Substrate's published measurements on its reference machine. */
import { addWeight, maxOfWeights, mulWeight, type Weight, weight } from "../../runtime/primitives/weight.ts";
import { withDb } from "../system/index.ts";

/** `base`, and so much for each other signatory and for each byte of the call. */
const growing =
  (base: Weight, perSignatory: bigint, perByte = 0n) =>
  (others: number, callBytes = 0): Weight =>
    addWeight(
      base,
      addWeight(
        mulWeight(weight(perSignatory), BigInt(others)),
        mulWeight(weight(perByte), BigInt(callBytes)),
      ),
    );

/** With the account that the call is made from. */
export const threshold1 = (callBytes: number): Weight =>
  growing(withDb(weight(20_727_356n, 3_997n), 3n, 1n), 0n, 572n)(0, callBytes);
export const create = growing(withDb(weight(32_052_125n, 6_811n), 1n, 1n), 111_179n, 1_447n);
export const approve = growing(withDb(weight(17_940_334n, 6_811n), 1n, 1n), 106_203n, 1_441n);
export const complete = growing(withDb(weight(42_418_863n, 6_811n), 4n, 2n), 164_555n, 1_573n);
export const approveHash = growing(withDb(weight(30_237_756n, 6_811n), 1n, 1n), 107_619n);
export const cancel = growing(withDb(weight(31_473_005n, 6_811n), 1n, 1n), 107_460n);
export const pokeDeposit = growing(withDb(weight(30_000_000n, 6_811n), 1n, 1n), 130_000n);

/** Whatever an approval with its call turns out to be. */
export const anyApproval = (others: number, callBytes: number): Weight =>
  maxOfWeights(
    maxOfWeights(create(others, callBytes), approve(others, callBytes)),
    complete(others, callBytes),
  );
