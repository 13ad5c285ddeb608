/** What was sent to a chain, as its blocks and its pool have it. */
import { extraCodec } from "../../../runtime/extensions.ts";
import { runtimeCall } from "../../../runtime/frame/runtime-call.ts";
import type { RuntimeCall } from "../../../runtime/index.ts";
import { multiAddress } from "../../../runtime/primitives/account.ts";
import { fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import { encode } from "../../../runtime/primitives/codec.ts";
import { decodeExtrinsic } from "../../../runtime/primitives/extrinsic.ts";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";

/** A signed extrinsic. */
export interface Sent {
  /** The signer's address in hex. */
  readonly signer: string;
  /** As `ProofOfTraining.submit_proof`. */
  readonly name: string;
  /** The call's bytes in hex. */
  readonly call: string;
}

/** Whether a call of an account waits in the node's pool. */
export async function isWaiting(chain: ChainClient, account: Uint8Array, name: string): Promise<boolean> {
  const signer = toHex(encode(multiAddress, { type: "Id", value: account }));
  const pending = await chain.request<string[]>("author_pendingExtrinsics");
  return signedOf(pending).some((each) => each.name === name && each.signer === signer);
}

/** All signed extrinsics in the blocks of a chain so far. */
export async function sentIn(chain: ChainClient): Promise<Sent[]> {
  const found: Sent[] = [];
  const { number } = await chain.request<{ number: string }>("chain_getHeader");
  for (let height = 1; height <= Number(number); height++) {
    const hash = await chain.request<string>("chain_getBlockHash", height);
    const { block } = await chain.request<{ block: { extrinsics: string[] } }>("chain_getBlock", hash);
    found.push(...signedOf(block.extrinsics));
  }
  return found;
}

const signedOf = (extrinsics: readonly string[]): Sent[] =>
  extrinsics.flatMap((hex) => {
    const { preamble, call, callBytes } = decodeExtrinsic(fromHex(hex)!, runtimeCall, extraCodec);
    if (preamble.type !== "Signed") return [];
    const { type, value } = call as RuntimeCall;
    return [
      {
        signer: toHex(encode(multiAddress, preamble.address)),
        name: `${type}.${value.type}`,
        call: toHex(callBytes),
      },
    ];
  });
