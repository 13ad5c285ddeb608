/**
 * A ruling that this trainer has reason to doubt: on its own proof, or against its own verdict. It looks once more, at what the
 * challenge asks for, and appeals where it still finds otherwise: whoever is right gets the bond back.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import {
  appealBond,
  constants,
  type Inspection,
  storage as proofs,
  type Ruling,
} from "../../pallets/proof-of-training/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { ChainError } from "../client/errors.ts";
import type { Agent } from "./agent-context.ts";
import type { Duty } from "./duties.ts";
import { inspectOrder } from "./inspecting.ts";

/** A ruling that can be appealed, of an order that this trainer has trained or judged. */
export interface Judged {
  readonly order: number;
  /** The last block for an appeal. */
  readonly due: number;
}

/** Looks into a ruling once. Undefined where the operator wants no appeals. */
export function appealDuty(agent: Agent, { order: id, due }: Judged): Duty | undefined {
  if (agent.options.appeal === false) return undefined;
  return {
    key: `appeal/${id}`,
    async run({ signal, failures }) {
      const over = due + 1;
      const [order, inspection] = await proceeding(agent, id);
      const ruling = inspection?.phase === "Appealable" ? inspection.ruling : undefined;
      if (order === undefined || inspection === undefined || ruling === undefined) return over;
      if (!hasDoubt(agent.account, order, inspection, ruling)) return over;
      const bond = appealBond(order);
      const fields = { order: id, ruling, bond };
      if (!(await canAfford(agent, bond))) {
        agent.log.warn("cannot afford to appeal", fields);
        return over;
      }
      const found = await lookAgain(agent, id, order, inspection, { signal, failures });
      if (found === ruling) {
        agent.log.info("looked into a ruling, and agrees with it", fields);
        return over;
      }
      return (await appeal(agent, id, { ...fields, found })) ?? over;
    },
  };
}

const proceeding = (agent: Agent, id: number) =>
  Promise.all([agent.chain.read(marketplace.Orders, [id]), agent.chain.read(proofs.Inspections, [id])]);

/** Its proof, or its claim, was not believed; or it was outvoted. Whoever could not read what others could has no case. */
export function hasDoubt(
  account: Uint8Array,
  { deal }: Pick<Order, "deal">,
  { submission, seats }: Pick<Inspection, "submission" | "seats">,
  ruling: Ruling,
): boolean {
  if (deal !== undefined && equalBytes(deal.trainer, account))
    return ruling !== (submission.type === "Fault" ? "Faulted" : "Accepted");
  const vote = seats.findLast(({ inspector }) => equalBytes(inspector, account))?.vote;
  if (vote === undefined || vote.ruling === ruling) return false;
  return submission.type === "Fault" || (vote.ruling !== "Faulted" && vote.failed?.rule !== "Package");
}

/** Whether the bond can go on hold, with something left for fees. */
async function canAfford(agent: Agent, bond: bigint): Promise<boolean> {
  const { data } = await agent.chain.read(system.Account, [agent.account]);
  return data.free - bond >= constants.InspectorReserve;
}

async function lookAgain(
  agent: Agent,
  id: number,
  order: Order,
  inspection: Inspection,
  context: { readonly signal: AbortSignal; readonly failures: number },
): Promise<Ruling> {
  agent.log.info("looks into a ruling", { order: id, ruling: inspection.ruling });
  const folder = join(agent.options.folder, "appeals", String(id));
  try {
    // An address that does not answer is tried again while there is time: nobody should appeal for want of a server.
    const verdict = await inspectOrder(agent, id, order, inspection, folder, { ...context, left: retried });
    return verdict.ruling;
  } finally {
    if (!context.signal.aborted) await rm(folder, { recursive: true, force: true });
  }
}

/** More blocks than those before a deadline in which an inspector takes silence for an answer. */
const retried = 1_000;

/** Appeals, unless somebody else was first; returns the block that has it. */
async function appeal(
  agent: Agent,
  id: number,
  fields: Record<string, unknown>,
): Promise<number | undefined> {
  const [, inspection] = await proceeding(agent, id);
  if (inspection?.phase !== "Appealable") return undefined;
  try {
    const value = { type: "appeal", value: { order: id } } as const;
    const { block } = await agent.send({ type: "ProofOfTraining", value });
    agent.log.info("appealed", fields);
    return block.number;
  } catch (error) {
    // Too late, or nobody is left to judge: another try would only cost its fee.
    if (!(error instanceof ChainError) || error.code !== "Dispatch") throw error;
    agent.log.warn("could not appeal", { ...fields, error: error.message });
    return undefined;
  }
}
