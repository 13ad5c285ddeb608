import type { Submission } from "../../../pallets/proof-of-training/index.ts";
import { extraCodec } from "../../../runtime/extensions.ts";
import { runtimeCall } from "../../../runtime/frame/runtime-call.ts";
import { fromHex } from "../../../runtime/primitives/bytes.ts";
import { decodeExtrinsic } from "../../../runtime/primitives/extrinsic.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import type { OrderDetails } from "../../client/queries.ts";
import { InputError } from "../run-command.ts";
import type { Terminal } from "../terminal.ts";

/** Where a trainer has put its proof. */
export type PackageAt = Extract<Submission, { type: "Proof" }>["value"];

/** How far back from the end of an order its proof may lie: panels, appeals and all their extensions included. */
const furthest = 20_000;
const atOnce = 16;

/**
 * The package that was submitted for an order, the latest first. Of an order that is over the chain keeps no address: it
 * is found in the bodies of blocks, which every node has. Whether a submission failed there need not be known,
 * for what is fetched must lead to the checkpoint that the chain has kept.
 */
export async function packageOf(
  chain: ChainClient,
  { info, inspection }: OrderDetails,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<PackageAt> {
  const { id, ended } = info;
  if (inspection?.submission.type === "Proof") return inspection.submission.value;
  if (!ended)
    throw new InputError(`no proof is submitted for order ${id} yet; follow it with: order watch ${id}`);
  const oldest = Math.max(1, ended.ended - furthest);
  const bar = terminal.progress("blocks looked through", ended.ended - oldest + 1);
  try {
    for (let top = ended.ended; top >= oldest; top -= atOnce) {
      signal.throwIfAborted();
      const heights = Array.from({ length: Math.min(atOnce, top - oldest + 1) }, (_, i) => top - i);
      const found = await Promise.all(heights.map((height) => submittedIn(chain, id, height)));
      const latest = found.find((each) => each !== undefined);
      if (latest) return latest;
      bar.update(ended.ended - top + heights.length);
    }
  } finally {
    bar.stop();
  }
  throw new InputError(`no proof was submitted for order ${id}`);
}

interface SignedBlock {
  readonly block: { readonly extrinsics: readonly string[] };
}

async function submittedIn(
  chain: ChainClient,
  order: number,
  height: number,
): Promise<PackageAt | undefined> {
  const hash = await chain.request<string | null>("chain_getBlockHash", height);
  const found = hash && (await chain.request<SignedBlock | null>("chain_getBlock", hash));
  if (!found) throw new InputError(`${chain.url} does not have block ${height}: ask a node that does`);
  for (const hex of found.block.extrinsics.toReversed()) {
    const { call } = decodeExtrinsic(fromHex(hex) as Uint8Array, runtimeCall, extraCodec);
    const submitted = submissionIn(call, order);
    if (submitted) return submitted;
  }
  return undefined;
}

/** A submission for an order in a call, or in one of the calls that it makes. */
function submissionIn(value: unknown, order: number): PackageAt | undefined {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
  const { type, value: inner } = value as { type?: unknown; value?: { type?: unknown; value?: unknown } };
  if (type === "ProofOfTraining" && inner?.type === "submit_proof") {
    const given = inner.value as { readonly order: number; readonly package: Submission };
    return given.order === order && given.package.type === "Proof" ? given.package.value : undefined;
  }
  for (const part of Object.values(value)) {
    const found = submissionIn(part, order);
    if (found) return found;
  }
  return undefined;
}
