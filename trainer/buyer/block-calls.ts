/** What was said to the chain in a block: its body is on every node, whatever state was pruned. */
import type { Submission } from "../../pallets/proof-of-training/index.ts";
import { extraCodec } from "../../runtime/extensions.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { fromHex } from "../../runtime/primitives/bytes.ts";
import { decodeExtrinsic } from "../../runtime/primitives/extrinsic.ts";
import type { ChainClient } from "../client/chain-client.ts";
import { BuyerError } from "./buyer-error.ts";

/** A call as it was sent, or one that another call makes; whether it did what it says the body does not tell. */
export interface BlockCall {
  readonly pallet: string;
  readonly name: string;
  readonly value: Record<string, unknown> & {
    readonly order?: number;
    readonly package?: Submission;
  };
  /** Account whose signature stands under it; undefined where none does. */
  readonly signer: Uint8Array | undefined;
}

export interface BlockCalls {
  readonly height: number;
  readonly hash: string;
  readonly calls: readonly BlockCall[];
}

const atOnce = 16;

/**
 * Calls of the blocks from one height down to another, some blocks at a time, the highest first; in a block they come as they
 * stand there. @throws BuyerError `NoModel` where the node does not have a block, ChainError.
 */
export async function* callsDown(
  chain: ChainClient,
  highest: number,
  lowest: number,
  signal: AbortSignal,
): AsyncGenerator<readonly BlockCalls[]> {
  for (let top = highest; top >= lowest; top -= atOnce) {
    signal.throwIfAborted();
    const heights = Array.from({ length: Math.min(atOnce, top - lowest + 1) }, (_, i) => top - i);
    yield await Promise.all(heights.map((height) => callsAt(chain, height)));
  }
}

interface SignedBlock {
  readonly block: { readonly extrinsics: readonly string[] };
}

async function callsAt(chain: ChainClient, height: number): Promise<BlockCalls> {
  const hash = await chain.request<string | null>("chain_getBlockHash", height);
  const found = hash && (await chain.request<SignedBlock | null>("chain_getBlock", hash));
  if (!found)
    throw new BuyerError("NoModel", `${chain.url} does not have block ${height}: ask a node that does`);
  const calls = found.block.extrinsics.flatMap((hex) => {
    const { call, preamble } = decodeExtrinsic(fromHex(hex)!, runtimeCall, extraCodec);
    const isAccount = preamble.type === "Signed" && preamble.address.type === "Id";
    return callsIn(call, isAccount ? (preamble.address.value as Uint8Array) : undefined);
  });
  return { height, hash, calls };
}

const pallets = ["ProofOfTraining", "System"];

/** Calls of the pallets above in a call: itself, or those that it makes. */
function callsIn(value: unknown, signer: Uint8Array | undefined): BlockCall[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  const { type, value: inner } = value as { type?: unknown; value?: { type?: string; value?: unknown } };
  if (typeof type === "string" && pallets.includes(type) && inner?.type !== undefined)
    return [{ pallet: type, name: inner.type, value: inner.value as BlockCall["value"], signer }];
  return Object.values(value).flatMap((each) => callsIn(each, signer));
}
