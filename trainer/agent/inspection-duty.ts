/** A seat on a panel: the proof inspected, the verdict written down, committed to, and revealed. */

import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Order } from "../../pallets/marketplace/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import {
  type Inspection,
  storage as proofs,
  type Verdict,
  verdict as verdictCodec,
  verdictCommitment,
} from "../../pallets/proof-of-training/index.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";
import type { Duty, DutyContext } from "./duties.ts";
import { inspectOrder } from "./inspecting.ts";
import { canJudge } from "./panel-keys.ts";
import { sayOnce } from "./say-once.ts";

/** What must not be lost between commitment and reveal: both in hex. */
interface Opening {
  readonly verdict: string;
  readonly salt: string;
}

/** A seat as the chain tells of it. */
export interface Seat {
  readonly order: number;
  readonly round: number;
  readonly phase: string;
  readonly committed: boolean;
  readonly revealed: boolean;
  readonly due: number;
}

/** What a seat asks for now. Undefined where it waits. */
export function inspectionDuty(agent: Agent, seat: Seat): Duty | undefined {
  const { order: id, round, phase, committed, revealed } = seat;
  const commits = phase === "Committing" && !committed;
  const reveals = phase === "Revealing" && committed && !revealed;
  if (!commits && !reveals) return undefined;
  return {
    key: seatKey(seat),
    run: async ({ signal, failures, block }) =>
      commits
        ? commit(agent, seat, { signal, failures, block, left: seat.due - block })
        : reveal(agent, id, round),
  };
}

export const seatKey = ({ order, round }: Pick<Seat, "order" | "round">): string =>
  `inspection/${order}/${round}`;

async function commit(
  agent: Agent,
  seat: Seat,
  context: DutyContext & { readonly left: number },
): Promise<number | undefined> {
  const { order: id, round } = seat;
  const key = seatKey(seat);
  let opening = await agent.journal.get<Opening>(key);
  if (opening === undefined) {
    const [order, inspection] = await Promise.all([
      agent.chain.read(marketplace.Orders, [id]),
      agent.chain.read(proofs.Inspections, [id]),
    ]);
    if (order === undefined || inspection === undefined) return undefined;
    const place = { folder: folderOf(agent, id), block: context.block, signal: context.signal };
    if (!(await canJudge(agent, id, order, inspection, place))) {
      sayOnce(agent, key, "waits for keys", { order: id, round, until: inspection.keys_by });
      return undefined;
    }
    const verdict = await judged(agent, id, order, inspection, context);
    opening = { verdict: toHex(encode(verdictCodec, verdict)), salt: toHex(randomBytes(32)) };
    await agent.journal.put(key, opening);
    agent.log.info("inspected", { order: id, round, ruling: verdict.ruling, fault: verdict.fault });
  }
  const commitment = verdictCommitment(id, agent.account, verdictOf(opening), fromHex(opening.salt)!);
  const value = { type: "commit_verdict", value: { order: id, commitment } } as const;
  const { block } = await agent.send({ type: "ProofOfTraining", value });
  agent.log.info("committed to its verdict", { order: id, round });
  return block.number;
}

const folderOf = (agent: Agent, id: number): string => join(agent.options.folder, "inspections", String(id));

async function judged(
  agent: Agent,
  id: number,
  order: Order,
  inspection: Inspection,
  context: { readonly signal: AbortSignal; readonly failures: number; readonly left: number },
): Promise<Verdict> {
  const folder = folderOf(agent, id);
  try {
    return await inspectOrder(agent, id, order, inspection, folder, context);
  } finally {
    // What was fetched for one panel is fetched again for the next: a seat is rare, the disk is not.
    if (!context.signal.aborted) await rm(folder, { recursive: true, force: true });
  }
}

async function reveal(agent: Agent, id: number, round: number): Promise<number> {
  const opening = await agent.journal.get<Opening>(seatKey({ order: id, round }));
  if (opening === undefined)
    throw new AgentError(
      "OpeningLost",
      `the verdict on order ${id} was committed to, but is not in the journal: was the folder replaced?`,
    );
  const value = {
    type: "reveal_verdict",
    value: { order: id, verdict: verdictOf(opening), salt: fromHex(opening.salt)! },
  } as const;
  const { block } = await agent.send({ type: "ProofOfTraining", value });
  agent.log.info("revealed its verdict", { order: id, round });
  return block.number;
}

const verdictOf = ({ verdict }: Opening): Verdict => decode(verdictCodec, fromHex(verdict)!);
