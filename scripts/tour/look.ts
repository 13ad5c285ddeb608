/** Reads the picture from the chain, all of it as of one final block. */
import { storage as drilling } from "../../pallets/drilling/index.ts";
import { epochs } from "../../runtime/apis/poh.ts";
import { explanation } from "../../runtime/apis/trainer.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { account } from "../../trainer/cli/chain/account.ts";
import { etaMs, lossOf } from "../../trainer/cli/chain/order-state.ts";
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import type { FinalBlock } from "../../trainer/client/final-blocks.ts";
import { type Explanation, type OrderDetails, orderOf } from "../../trainer/client/queries.ts";
import { doing } from "./doing.ts";
import { addressOfName, nameOf } from "./people.ts";
import type { OrderPicture, Picture, TaskPicture, TrainerPicture } from "./picture.ts";

/** What is looked at. */
export interface Subjects {
  readonly chain: string;
  readonly trainers: readonly string[];
  readonly tasks: readonly number[];
  readonly orders: readonly number[];
}

export async function look(chain: ChainClient, block: FinalBlock, subjects: Subjects): Promise<Picture> {
  const { hash, number } = block;
  const [time, slot, best, trainers, tasks, orders] = await Promise.all([
    chain.call("PohApi_epoch", { inputs: {}, output: epochs }, {}, hash),
    chain.call("PohApi_slot", { inputs: {}, output: u64 }, {}, hash),
    chain.request<{ number: string }>("chain_getHeader"),
    Promise.all(subjects.trainers.map((name) => trainerAt(chain, name, hash))),
    Promise.all(subjects.tasks.map((id) => taskAt(chain, id, hash))),
    Promise.all(subjects.orders.map((id) => orderOf(chain, id, hash))),
  ]);
  const slotMs = Number(time.slot_duration);
  return {
    chain: subjects.chain,
    block: number,
    best: Number(best.number),
    author: authorOf(block),
    epoch: Number(time.current.index),
    slotsLeft: Math.max(0, Number(time.next.start_slot - slot)),
    slotMs,
    trainers,
    tasks: tasks.flatMap((task) => task ?? []),
    orders: orders.flatMap((order) => (order ? [orderPicture(order, number, slotMs)] : [])),
  };
}

async function trainerAt(chain: ChainClient, name: string, hash: string): Promise<TrainerPicture> {
  const who = account(addressOfName(name));
  const method = { inputs: { account: accountId }, output: explanation };
  const facts = await chain.call("TrainerApi_explain", method, { account: who }, hash);
  const [present, next] = facts.places.map(shareOf);
  return {
    name,
    share: present ?? 0,
    nextShare: next ?? present ?? 0,
    drilling: facts.score.drilling.total,
    training: facts.score.training.total,
    measured: facts.machines.reduce((sum, { measured }) => sum + measured, 0n),
    rewards: facts.vested + facts.vesting,
    now: doing(facts),
  };
}

const shareOf = ({ weight, all }: Explanation["places"][number]): number =>
  all === 0n ? 0 : Number((weight * 1_000_000n) / all) / 1_000_000;

async function taskAt(chain: ChainClient, id: number, hash: string): Promise<TaskPicture | undefined> {
  const found = await chain.read(drilling.Tasks, [id], hash);
  if (found === undefined) return undefined;
  const { state, units, next: given, agreed, failed, ayes, nays } = found;
  const cast = ayes + nays;
  const share = cast === 0n ? undefined : Number((ayes * 1_000n) / cast) / 1_000;
  return { id, state, units, given, agreed, failed, ayes: share };
}

/** @throws nothing; an order that is over keeps what the chain remembers of it. */
function orderPicture({ info, inspection }: OrderDetails, block: number, slotMs: number): OrderPicture {
  const { id, order, anchors, ended } = info;
  const last = ended?.last ?? anchors.at(-1);
  const steps = order?.spec.steps ?? last?.step ?? 0;
  const trainer = ended ? ended.trainer : order?.deal?.trainer;
  return {
    id,
    state: ended?.outcome ?? order?.state ?? "unknown",
    isOver: ended !== undefined,
    trainer: trainer && nameOf(trainer),
    buyer: nameOf((ended ?? order)?.buyer ?? new Uint8Array(32)),
    step: last?.step ?? 0,
    steps,
    anchored: last?.index ?? 0,
    checkpoints: order?.spec.checkpoints ?? last?.index ?? 0,
    losses: anchors.slice(1).map(lossOf),
    leftMs: order?.state === "Training" ? etaMs(anchors, steps, block, slotMs) : undefined,
    deadline: ended ? undefined : order?.deadline,
    judges: (inspection?.seats ?? []).map(({ inspector, commitment, vote }) => ({
      name: nameOf(inspector),
      said: vote?.ruling ?? (commitment ? "committed" : "inspects"),
    })),
  };
}

function authorOf({ events }: FinalBlock): string | undefined {
  for (const { event } of events)
    if (event.type === "Rewards" && event.value.type === "BlockRewarded")
      return nameOf((event.value.value as { author: Uint8Array }).author);
  return undefined;
}
