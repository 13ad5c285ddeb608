import {
  sr25519DeriveKeypairHard,
  sr25519KeypairFromSeed,
  sr25519Sign,
  sr25519Verify,
  waitReady,
} from "@polkadot/wasm-crypto";
import { concatBytes, fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { encodeSigned } from "../../runtime/primitives/extrinsic.ts";
import { Writer } from "../../runtime/primitives/writer.ts";

/** What a signature commits to besides call and nonce. */
export interface Signing {
  readonly genesisHash: `0x${string}`;
  readonly specVersion: number;
  readonly transactionVersion: number;
}

/** Seed of Substrate's development phrase. */
const seed = "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";

/** `System.remark`s of one development account with nonces from 0 to `count - 1`, immortal, in hex. */
export async function signedRemarks(name: string, count: number, signing: Signing): Promise<string[]> {
  await waitReady();
  const code = new Uint8Array(32);
  code.set([name.length << 2, ...Buffer.from(name)]);
  const pair = sr25519DeriveKeypairHard(sr25519KeypairFromSeed(fromHex(seed)!), code);
  const [secret, account] = [pair.slice(0, 64), pair.slice(64)];
  const genesis = fromHex(signing.genesisHash)!;
  // Pallet 0, call 0, and 4 bytes.
  const call = Uint8Array.of(0, 0, 4 << 2, 1, 2, 3, 4);
  const versions = written((out) => {
    out.u32(signing.specVersion);
    out.u32(signing.transactionVersion);
  });
  return Array.from({ length: count }, (_, nonce) => {
    // Immortal era, nonce, no tip.
    const extra = written((out) => {
      out.u8(0);
      out.compact(nonce);
      out.compact(0);
    });
    const payload = concatBytes(call, extra, versions, genesis, genesis);
    const signature = { type: "Sr25519" as const, value: sr25519Sign(account, secret, payload) };
    return toHex(encodeSigned({ type: "Id", value: account }, signature, extra, call));
  });
}

/** How many sr25519 signatures one thread of this machine can check in a second, and do nothing else. */
export async function verificationsPerSecond(count = 500): Promise<number> {
  await waitReady();
  const pair = sr25519KeypairFromSeed(fromHex(seed)!);
  const [secret, account] = [pair.slice(0, 64), pair.slice(64)];
  const message = Buffer.from("the same for all");
  const signature = sr25519Sign(account, secret, message);
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    if (!sr25519Verify(signature, message, account)) throw new Error("a good signature was refused");
  }
  return count / ((performance.now() - start) / 1000);
}

function written(write: (out: Writer) => void): Uint8Array {
  const out = new Writer();
  write(out);
  return out.finish();
}
