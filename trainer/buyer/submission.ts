/** What was said of an order in blocks: where its package lies, and what inspectors found. The chain itself keeps neither. */
import type { Submission, Verdict } from "../../pallets/proof-of-training/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { OrderDetails } from "../client/queries.ts";
import { type BlockCalls, callsDown } from "./block-calls.ts";
import { BuyerError } from "./buyer-error.ts";

/** Where a trainer has put its proof. */
export type PackageAt = Extract<Submission, { type: "Proof" }>["value"];

export interface Submitted {
  readonly package: PackageAt;
  /** What inspectors who accepted found on the validation data, from 0 to 1; undefined before they have, or where the node has forgotten. */
  readonly accuracy: number | undefined;
}

/** How far back from the end of an order its proof may lie: panels, appeals and all their extensions included. */
const furthest = 20_000;

/**
 * The package that was submitted for an order, the latest first. Of an order that is over the chain keeps no address: it
 * is found in the bodies of blocks, which every node has. Whether a submission failed there need not be known,
 * for what is fetched must lead to the checkpoint that the chain has kept. @throws BuyerError `NoModel`, ChainError.
 */
export async function submissionOf(
  chain: ChainClient,
  { info, inspection }: OrderDetails,
  signal: AbortSignal,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<Submitted> {
  const { id, ended } = info;
  if (inspection?.submission.type === "Proof")
    return { package: inspection.submission.value, accuracy: undefined };
  if (!ended) throw new BuyerError("NoModel", `no proof is submitted for order ${id} yet`);
  // No proof was in time, or it would have been judged.
  if (ended.outcome === "Expired") throw new BuyerError("NoModel", `no proof was submitted for order ${id}`);
  const oldest = Math.max(1, ended.ended - furthest);
  const found: number[] = [];
  for await (const blocks of callsDown(chain, ended.ended, oldest, signal)) {
    const said = await Promise.all(blocks.map((block) => saidIn(chain, id, block)));
    found.push(...said.flatMap(({ accuracies }) => accuracies));
    const latest = said.find((each) => each.package !== undefined);
    if (latest?.package) return { package: latest.package, accuracy: middle(found) };
    onProgress(ended.ended - blocks.at(-1)!.height + 1, ended.ended - oldest + 1);
  }
  throw new BuyerError("NoModel", `no proof was submitted for order ${id}`);
}

/** Inspectors of one class of machines find the same; of several, the lower one of the middle two is told. */
function middle(found: readonly number[]): number | undefined {
  const sorted = found.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** What one block has of an order: a package, and what inspectors found who accepted. */
interface Said {
  readonly package: PackageAt | undefined;
  readonly accuracies: readonly number[];
}

async function saidIn(chain: ChainClient, order: number, { hash, calls }: BlockCalls): Promise<Said> {
  const own = calls.filter(({ pallet, value }) => pallet === "ProofOfTraining" && value.order === order);
  const latest = own.findLast(
    ({ name, value }) => name === "submit_proof" && value.package?.type === "Proof",
  );
  const submission = latest?.value.package;
  const hasVerdict = own.some(({ name }) => name === "reveal_verdict");
  return {
    package: submission?.type === "Proof" ? submission.value : undefined,
    accuracies: hasVerdict ? await accuraciesIn(chain, order, hash) : [],
  };
}

/** Only what the chain accepted counts, and that is in its events, which a node forgets with the state. */
async function accuraciesIn(chain: ChainClient, order: number, hash: string): Promise<number[]> {
  try {
    const records = await chain.read(system.Events, [], hash);
    return records.flatMap(({ event }) => {
      if (event.type !== "ProofOfTraining" || event.value.type !== "VerdictRevealed") return [];
      const said = event.value.value as { readonly order: number; readonly verdict: Verdict };
      const { ruling, accuracy } = said.verdict;
      return said.order === order && ruling === "Accepted" && accuracy !== undefined ? [accuracy / 1e9] : [];
    });
  } catch (error) {
    if (error instanceof ChainError && error.code === "Refused") return [];
    throw error;
  }
}
