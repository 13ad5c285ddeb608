import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { type AccountId, accountId } from "../../runtime/primitives/account.ts";
import { compareBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u16 } from "../../runtime/primitives/codec-number.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { constants, errors } from "./schema.ts";

const entropy = tuple(fixedBytes(16), vec(accountId), u16);
const label = textBytes("modlpy/utilisuba");

/** The account that `threshold` of these signatories, sorted, control together: a hash, without a key. */
export const multisigAccount = (signatories: readonly AccountId[], threshold: number): AccountId =>
  blake2_256(encode(entropy, [label, signatories, threshold]));

/** All signatories, sorted; the others must be given so, each once, and without the sender. */
export function allSignatories(sender: AccountId, others: readonly AccountId[]): readonly AccountId[] {
  ensure(others.length > 0, errors.TooFewSignatories);
  ensure(others.length < constants.MaxSignatories, errors.TooManySignatories);
  let position = 0;
  for (const [i, other] of others.entries()) {
    ensure(i === 0 || compareBytes(others[i - 1]!, other) < 0, errors.SignatoriesOutOfOrder);
    const order = compareBytes(other, sender);
    ensure(order !== 0, errors.SenderInSignatories);
    if (order < 0) position = i + 1;
  }
  return others.toSpliced(position, 0, sender);
}
