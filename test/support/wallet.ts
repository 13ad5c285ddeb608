import { sr25519KeypairFromSeed, sr25519Sign, vrfSign, waitReady } from "@polkadot/wasm-crypto";
import { hashToBytes } from "../../node/chain/hash.ts";
import type { ChainReader } from "../../node/chain/types.ts";
import type { Authority } from "../../pallets/poh/index.ts";
import * as system from "../../pallets/system/index.ts";
import { extraCodec, extraOf, writeImplied } from "../../runtime/extensions.ts";
import { type AnyCall, runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { runtime } from "../../runtime/index.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { type Era, immortal } from "../../runtime/primitives/era.ts";
import { encodeSigned, signedPayload } from "../../runtime/primitives/extrinsic.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { vrfContext } from "../../runtime/primitives/vrf.ts";

await waitReady();

/** An account of tests with its key; the same number gives the same account. */
export interface Wallet {
  readonly account: Uint8Array;
  /** The account again: it is its own key for blocks. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  vrfSign(input: Uint8Array): Uint8Array;
}

export function wallet(number: number): Wallet {
  const pair = sr25519KeypairFromSeed(blake2_256(Buffer.from(`wallet ${number}`)));
  const [secret, account] = [pair.slice(0, 64), pair.slice(64)];
  return {
    account,
    publicKey: account,
    sign: (message) => sr25519Sign(account, secret, message),
    vrfSign: (input) => vrfSign(secret, vrfContext, input, new Uint8Array(0)),
  };
}

/** The entry with which a wallet may author blocks from genesis on. */
export const authorityOf = ({ account: trainer, publicKey: key }: Wallet, weight = 1n): Authority => ({
  trainer,
  key,
  weight,
});

export interface SignOptions {
  readonly nonce: number;
  readonly tip?: bigint;
  readonly era?: Era;
}

/** A signed extrinsic in its wire form, for the block that follows the chain's best one. */
export function signed(
  from: Wallet,
  call: AnyCall,
  chain: Pick<ChainReader, "best" | "stateAt">,
  options: SignOptions,
): Uint8Array {
  const { nonce, tip = 0n, era = immortal } = options;
  const extra = extraOf(era, nonce, tip);
  const callBytes = encode(runtimeCall, call);
  const extraBytes = encode(extraCodec, extra);
  const payload = signedPayload(callBytes, extraBytes, (out) => writeImplied(nextBlock(chain), extra, out));
  const signature = { type: "Sr25519" as const, value: from.sign(payload) };
  return encodeSigned({ type: "Id", value: from.account }, signature, extraBytes, callBytes);
}

/** As much of the next block as extensions look at when they say what is signed. */
function nextBlock(chain: Pick<ChainReader, "best" | "stateAt">) {
  const { best } = chain;
  const lookup = chain.stateAt(best.hash);
  if (lookup.type !== "ok") throw new Error(`the state of ${best.hash} is ${lookup.type}`);
  const ctx = runtime.context(new Overlay(lookup.state));
  system.storage.Number.set(ctx, best.number + 1);
  system.storage.BlockHash.set(ctx, best.number, hashToBytes(best.hash));
  return ctx;
}

/** `Balances.transfer_keep_alive`. */
export const transfer = (to: Uint8Array, amount: bigint): AnyCall => ({
  type: "Balances",
  value: { type: "transfer_keep_alive", value: { dest: { type: "Id", value: to }, value: amount } },
});
