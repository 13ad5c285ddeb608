import { type AccountId, accountId } from "../../runtime/primitives/account.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u16 } from "../../runtime/primitives/codec-number.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";

const entropy = tuple(fixedBytes(16), accountId, u16);
const label = textBytes("modlpy/utilisuba");

/** The account that `who` controls under a number: a hash, whose key nobody knows. */
export const derivativeAccount = (who: AccountId, index: number): AccountId =>
  blake2_256(encode(entropy, [label, who, index]));
