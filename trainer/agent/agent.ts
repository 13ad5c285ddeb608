/**
 * The daemon of a trainer. Each finalized block is looked at once: what the chain says is due and is not under way is begun,
 * what is no longer due is stopped. Nothing is remembered that the chain knows, so whatever ended an agent, the next one
 * goes on; what the chain does not know is in the journal before it matters.
 */

import { mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { FinalBlock } from "../client/final-blocks.ts";
import { openStore, type Store } from "../storage/store.ts";
import { type Agent, sender } from "./agent-context.ts";
import { Duties, type Duty } from "./duties.ts";
import { inspectionDuty, seatKey } from "./inspection-duty.ts";
import { Journal } from "./journal.ts";
import { Lifeline } from "./lifeline.ts";
import { machineDuties } from "./machine-duty.ts";
import type { AgentOptions } from "./options.ts";
import { answerDuty, machineFor } from "./order-duty.ts";
import { rewardsDuty } from "./rewards-duty.ts";
import { trainingDuty } from "./training-duty.ts";
import { placedOrders, type View, viewAt } from "./view.ts";

export interface RunSignals {
  /** Ends the agent; what is under way goes on when it is started again. */
  readonly stop: AbortSignal;
  /** Takes no more orders, and ends the agent when nothing is left to do. */
  readonly drain?: AbortSignal;
}

/** Runs until it is stopped, or drained. @throws AgentError, and ChainError `OtherRuntime`. */
export async function runAgent(options: AgentOptions, { stop, drain }: RunSignals): Promise<void> {
  mkdirSync(options.folder, { recursive: true });
  const journal = await Journal.open(join(options.folder, "journal"));
  const store = openStore(options.store);
  const parts = { options, journal, store, drain };
  try {
    // A connection whose news have stopped is replaced, and all that is due is looked at anew.
    while (!(await runOn(await connected(options, stop), parts, stop)))
      options.log.warn("the node was lost; connects again");
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    await store.close();
    await journal.close();
  }
}

interface Parts {
  readonly options: AgentOptions;
  readonly journal: Journal;
  readonly store: Store;
  readonly drain: AbortSignal | undefined;
}

/** Works over one connection, and ends it; false when it was lost. */
async function runOn(
  chain: ChainClient,
  { options, journal, store, drain }: Parts,
  stop: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  try {
    const genesis = await chain.request<string>("chain_getBlockHash", 0);
    const head = await chain.request<string>("chain_getFinalizedHead");
    const { number } = await chain.request<{ number: string }>("chain_getHeader", head);
    const lifeline = new Lifeline(chain, Number(number), AbortSignal.any([stop, over.signal]));
    const agent: Agent = {
      options,
      chain,
      journal,
      store,
      log: options.log,
      chainId: genesis.slice(2, 10),
      account: options.signer.account,
      send: sender({ chain, signer: options.signer, lost: lifeline.lost }),
      get draining() {
        return drain?.aborted === true;
      },
    };
    const end = AbortSignal.any([stop, lifeline.lost]);
    await settled(agent, end);
    await follow(agent, { number: Number(number), hash: head }, lifeline, end);
    return true;
  } catch (error) {
    if (stop.aborted || !(error instanceof LostError)) throw error;
    return false;
  } finally {
    over.abort();
    chain.close();
  }
}

const retryMs = 5_000;

/** A node that is down may come up. */
async function connected({ url, log }: AgentOptions, stop: AbortSignal): Promise<ChainClient> {
  for (;;) {
    stop.throwIfAborted();
    try {
      return await ChainClient.connect(url);
    } catch (error) {
      if (error instanceof ChainError && error.code === "OtherRuntime") throw error;
      log.warn("no connection yet", { error: (error as Error).message });
      await pause(retryMs, undefined, { signal: stop });
    }
  }
}

const settleMs = 500;
const settleTries = 120;

/**
 * Waits until what an earlier run sent is in final blocks, so that nothing is sent twice. Another program that signs for the
 * same account without pause is not waited for without end: a call sent twice fails on the chain, and costs its fee.
 */
async function settled(agent: Agent, stop: AbortSignal): Promise<void> {
  const { chain, options } = agent;
  for (let i = 0; i < settleTries; i++) {
    const head = await chain.request<string>("chain_getFinalizedHead");
    const { nonce } = await chain.read(system.Account, [agent.account], head);
    const next = await chain.request<number>("system_accountNextIndex", options.signer.address);
    if (next <= nonce) return;
    if (i === 0) agent.log.info("waits for what was sent before", { transactions: next - nonce });
    await pause(settleMs, undefined, { signal: stop });
  }
}

/** Returns when it is stopped or drained. @throws LostError. */
async function follow(
  agent: Agent,
  from: { readonly number: number; readonly hash: string },
  lifeline: Lifeline,
  end: AbortSignal,
): Promise<void> {
  const { chain, log } = agent;
  const duties = new Duties(log);
  const placed = new Set((await placedOrders(chain, from.hash)).keys());
  log.info("follows the chain", {
    node: chain.url,
    account: agent.options.signer.address,
    block: from.number,
  });
  const walk = async (): Promise<void> => {
    for await (const block of chain.blocks(from.number, end)) {
      lifeline.see(block.number);
      for (const id of placedIn(block)) placed.add(id);
      try {
        const view = await viewAt(chain, agent.account, block);
        duties.see(block.number, await dutiesIn(agent, view, placed));
        await tidy(agent, view, duties);
        if (
          agent.draining &&
          duties.running === 0 &&
          view.orders.size + view.facts.duties.inspections.length === 0
        )
          return;
      } catch (error) {
        log.warn("a block could not be looked at", { block: block.number, error: (error as Error).message });
      }
    }
  };
  try {
    // A question that was on its way when the node died has no answer: the walk itself may stand still.
    const walked = walk();
    await Promise.race([
      walked,
      new Promise<void>((resolve) => lifeline.lost.addEventListener("abort", () => resolve())),
    ]);
    if (lifeline.lost.aborted) throw new LostError();
  } finally {
    if (lifeline.lost.aborted) chain.close();
    await Promise.race([duties.stop(), pause(stopMs)]);
  }
}

/** So long duties may take to end; one that hangs on a lost connection is left to itself. */
const stopMs = 10_000;

/** The node has gone on, but its news do not come any more. */
class LostError extends Error {
  override readonly name = "LostError";
}

function placedIn({ events }: FinalBlock): number[] {
  return events.flatMap(({ event }) =>
    event.type === "Marketplace" && event.value.type === "OrderPlaced"
      ? [(event.value.value as { order: number }).order]
      : [],
  );
}

/** All that is due as of a block. */
async function dutiesIn(agent: Agent, view: View, placed: Set<number>): Promise<Duty[]> {
  const { facts, hash, block, slotMs, orders } = view;
  const due: Duty[] = [];
  if (facts.stake === undefined) {
    agent.log.warn("this account is no trainer yet", { account: agent.options.signer.address });
    return due;
  }
  for (const machine of agent.options.machines)
    due.push(...(await machineDuties(agent, machine, facts.epoch, hash)));
  // One order is weighed at a time, and only while there is room for it: the others wait their turn.
  const inTraining = [...orders.values()].filter(({ state }) => state === "Accepted" || state === "Training");
  let room = inTraining.length < agent.options.policy.maxOrders ? 1 : 0;
  for (const id of placed) {
    const order = await agent.chain.read(marketplace.Orders, [id], hash);
    // What is placed in a block that this view knows and is not there any more will not come back.
    if (order?.state !== "Placed" || machineFor(agent, order.spec.machine) === undefined) placed.delete(id);
    else if (room-- > 0 || agent.draining) due.push(...some(answerDuty(agent, id, order, slotMs)));
  }
  for (const [id, order] of orders) due.push(...some(trainingDuty(agent, id, order)));
  for (const seat of facts.duties.inspections) due.push(...some(inspectionDuty(agent, seat, block)));
  return [...due, ...some(rewardsDuty(agent, facts))];
}

const some = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);

/** Removes the work and the notes of orders that are over. */
async function tidy(agent: Agent, view: View, duties: Duties): Promise<void> {
  const { journal, options, log } = agent;
  const folder = join(options.folder, "orders");
  for (const id of await readdir(folder).catch(() => [])) {
    if (view.orders.has(Number(id)) || duties.has(`order/${id}`)) continue;
    await rm(join(folder, id), { recursive: true, force: true });
    await journal.forget(`order/${id}/package`);
    log.info("cleared away", { order: Number(id) });
  }
  const seats = new Set(view.facts.duties.inspections.map(seatKey));
  for (const key of await journal.keys("inspection/")) {
    if (!seats.has(key) && !duties.has(key)) await journal.forget(key);
  }
}
