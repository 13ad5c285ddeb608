/** How an order was judged: from its inspection while there is one, and from the last state that had it once it is over. */
import type { Outcome } from "../../pallets/marketplace/index.ts";
import {
  type Finding,
  type Inspection,
  storage as proofs,
  type Ruling,
  type Verdict,
} from "../../pallets/proof-of-training/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import type { ChainClient } from "./chain-client.ts";
import { ChainError } from "./errors.ts";
import { type OrderDetails, orderOf } from "./queries.ts";

/** What one inspector said. */
export interface Opinion {
  readonly inspector: Uint8Array;
  /** 0 of the first panel, 1 of the one after a split, 2 of an appeal. */
  readonly round: number;
  /** Undefined of one that has said nothing. */
  readonly ruling: Ruling | undefined;
  readonly fault: Verdict["fault"];
  /** The first number that did not pass. */
  readonly failed: Finding | undefined;
}

export interface Judgement {
  readonly info: OrderDetails["info"];
  /** What was judged: a proof, or a fault that the trainer claimed; undefined where there was neither. */
  readonly submission: Inspection["submission"] | undefined;
  readonly opinions: readonly Opinion[];
  readonly appellant: Uint8Array | undefined;
  /** What counts, as far as it is known. */
  readonly ruling: Ruling | undefined;
  /** The first number that did not pass, of the first inspector whose ruling counts. */
  readonly failed: Finding | undefined;
}

/** The ruling behind the end of an order that was judged. */
const rulingOf: Readonly<Partial<Record<Outcome, Ruling>>> = {
  Completed: "Accepted",
  Cancelled: "Accepted",
  Rejected: "Rejected",
  Expired: "Rejected",
  Faulted: "Faulted",
};

/**
 * Undefined where there is no order, or it is forgotten. @throws ChainError `Refused` where the node no longer has the state
 * in which it was judged.
 */
export async function judgementOf(chain: ChainClient, id: number): Promise<Judgement | undefined> {
  const details = await orderOf(chain, id);
  if (details === undefined) return undefined;
  const { info } = details;
  const { ended } = info;
  const inspection = ended ? await lastInspection(chain, id, ended.ended) : details.inspection;
  const late = ended && inspection ? await saidIn(chain, id, ended.ended) : [];
  const opinions = (inspection?.seats ?? []).map(({ inspector, round, vote }): Opinion => {
    const said = vote ?? late.find((each) => each.round === round && equalBytes(each.inspector, inspector));
    return { inspector, round, ruling: said?.ruling, fault: said?.fault, failed: said?.failed };
  });
  const ruling = inspection && (ended ? rulingOf[ended.outcome] : inspection.ruling);
  return {
    info,
    submission: inspection?.submission,
    opinions,
    appellant: inspection?.appeal?.appellant,
    ruling,
    failed: opinions.find((each) => each.ruling === ruling && each.failed !== undefined)?.failed,
  };
}

/** The inspection as it stood before the block in which the order ended. */
async function lastInspection(chain: ChainClient, id: number, end: number): Promise<Inspection | undefined> {
  const before = await chain.request<string | null>("chain_getBlockHash", end - 1);
  return before === null ? undefined : old(end, chain.read(proofs.Inspections, [id], before));
}

/** Verdicts that were revealed in the very block in which the order ended. */
async function saidIn(chain: ChainClient, id: number, block: number): Promise<Opinion[]> {
  const hash = await chain.request<string>("chain_getBlockHash", block);
  const records = await old(block, chain.read(system.Events, [], hash));
  return records.flatMap(({ event }) => {
    if (event.type !== "ProofOfTraining" || event.value.type !== "VerdictRevealed") return [];
    const { order, inspector, round, verdict } = event.value.value as {
      readonly order: number;
      readonly inspector: Uint8Array;
      readonly round: number;
      readonly verdict: Verdict;
    };
    const { ruling, fault, findings } = verdict;
    const failed = findings.find(({ passed }) => !passed);
    return order === id ? [{ inspector, round, ruling, fault, failed }] : [];
  });
}

async function old<T>(block: number, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "Refused") throw error;
    throw new ChainError(
      "Refused",
      `the node no longer has the state of block ${block}, in which this order was judged: ask one that runs with --pruning archive`,
    );
  }
}
