import type { Codec } from "../../runtime/primitives/codec.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { newtype, struct } from "../../runtime/primitives/codec-struct.ts";

/**
 * The balances of an account, part of its system record so that a transfer touches one entry per account.
 * What the parts mean is the balances pallet's affair.
 */
export interface AccountData {
  /** What the owner may be able to spend. */
  free: bigint;
  /** What is held or reserved, on top of `free`. */
  reserved: bigint;
  /** What `free` and `reserved` together may not drop below by an act of the owner. */
  frozen: bigint;
  /** The highest bit says that references are counted by the present rules. */
  flags: bigint;
}

/** What the chain keeps of an account. Whoever reads one owns the copy and may change it before writing it back. */
export interface AccountInfo {
  /** Transactions signed so far. */
  nonce: number;
  /** Pallets that need the account to exist; it cannot end before they let go. */
  consumers: number;
  /** Pallets that give the account reason to exist. */
  providers: number;
  /** Pallets for whose own purposes alone the account exists. */
  sufficients: number;
  data: AccountData;
}

const balance = alias(u128, "Balance");
const refCount = alias(u32, "RefCount");

const accountDataType = struct(
  "pallet_balances::types::AccountData",
  {
    free: balance,
    reserved: balance,
    frozen: balance,
    flags: alias(newtype("pallet_balances::types::ExtraFlags", u128, "u128"), "ExtraFlags"),
  },
  [{ name: "Balance", type: u128.type }],
);

/** Written out field by field: a transfer reads and writes four of these. */
export const accountData: Codec<AccountData> = {
  type: accountDataType.type,
  encode(data, out) {
    out.u128(data.free);
    out.u128(data.reserved);
    out.u128(data.frozen);
    out.u128(data.flags);
  },
  decode: (input) => ({
    free: input.u128(),
    reserved: input.u128(),
    frozen: input.u128(),
    flags: input.u128(),
  }),
};

const accountInfoType = struct(
  "frame_system::AccountInfo",
  {
    nonce: alias(u32, "Nonce"),
    consumers: refCount,
    providers: refCount,
    sufficients: refCount,
    data: alias(accountData, "AccountData"),
  },
  [
    { name: "Nonce", type: u32.type },
    { name: "AccountData", type: accountData.type },
  ],
);

export const accountInfo: Codec<AccountInfo> = {
  type: accountInfoType.type,
  encode(info, out) {
    out.u32(info.nonce);
    out.u32(info.consumers);
    out.u32(info.providers);
    out.u32(info.sufficients);
    accountData.encode(info.data, out);
  },
  decode: (input) => ({
    nonce: input.u32(),
    consumers: input.u32(),
    providers: input.u32(),
    sufficients: input.u32(),
    data: accountData.decode(input),
  }),
};

/** Set in `flags` of every account written by the present rules. */
export const newLogic = 1n << 127n;

/** A new record for an account that has none. */
export const emptyAccount = (): AccountInfo => ({
  nonce: 0,
  consumers: 0,
  providers: 0,
  sufficients: 0,
  data: { free: 0n, reserved: 0n, frozen: 0n, flags: newLogic },
});
