import { textBytes } from "./bytes.ts";
import type { Value } from "./codec.ts";
import { alias } from "./codec.ts";
import { bytes, fixedBytes } from "./codec-bytes.ts";
import { compact } from "./codec-compact.ts";
import { u32, u128 } from "./codec-number.ts";
import { tagged } from "./codec-tagged.ts";

/** A public key, or the hash of something that acts like one. */
export const accountId = fixedBytes(32, "sp_core::crypto::AccountId32");
export type AccountId = Uint8Array;

/** How a call names an account. Of these, only `Id` can be looked up on this chain. */
export const multiAddress = tagged(
  "sp_runtime::multiaddress::MultiAddress",
  {
    Id: accountId,
    Index: compact(u32),
    Raw: bytes,
    Address32: fixedBytes(32),
    Address20: fixedBytes(20),
  },
  {
    params: [
      { name: "AccountId", type: accountId.type },
      { name: "AccountIndex", type: u32.type },
    ],
  },
);
export type MultiAddress = Value<typeof multiAddress>;

export const hash = fixedBytes(32, "primitive_types::H256");

/** An amount of the smallest unit of the token. */
export const balance = alias(u128, "T::Balance");

/** The account of a pallet, for which nobody has a key: FRAME's `modl`, an eight-byte name, and zeros. */
export function palletAccount(name: string): AccountId {
  const account = new Uint8Array(32);
  account.set(textBytes(`modl${name}`));
  return account;
}

/** Where half of what is taken as a penalty goes, and a share of all new tokens; only a vote spends from it. */
export const treasuryAccount: AccountId = palletAccount("py/trsry");
