/** What an order costs in time, as those who share one machine live it: from its placing to its payment, with three inspectors there as well. */
import type { Buyer, Job } from "../../scripts/tour/buyer.ts";
import type { Child } from "../../scripts/tour/children.ts";
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import { type Happened, Ledger } from "./agent-ledger.ts";
import { cpuMs } from "./process-time.ts";
import type { Table } from "./table.ts";

const slotMs = 2_000;

/** Buys a training, and says where the time went. */
export async function orderTable(
  chain: ChainClient,
  buyer: Buyer,
  job: Job,
  agents: readonly Child[],
): Promise<Table> {
  await buyer.prepare();
  const ledger = await Ledger.open(chain);
  const { order: id, over } = await buyer.order(chain);
  const end = new AbortController();
  const measured = inspectionCosts(chain, id, agents, end.signal);
  try {
    await over;
  } finally {
    end.abort();
  }
  const costs = (await measured).map((ms) => ms / 1_000);
  const phases = phasesOf((await ledger.events()).filter(({ fields }) => fields.order === id));
  const isIts = ({ name, fields }: { name: string; fields: Readonly<Record<string, unknown>> }) =>
    name === "Marketplace.place_order" || fields.order === id;
  const { count, bytes } = await ledger.count(isIts);
  const { before, training, handedIn, inspected, judged, appealable } = phases;
  const total = before + training + handedIn + inspected + judged + appealable;
  // Of three inspectors; a machine that is measured anew meanwhile has more to do.
  const middle = costs.toSorted((a, b) => b - a)[1]!;
  // A verdict waits for the next block.
  const alone = (Math.ceil((1_000 * middle) / slotMs) * slotMs) / 1_000;
  const spared = Math.max(0, inspected - alone);
  const share = (name: string, all: number) => ({
    name,
    value: (100 * (all - training)) / all,
    unit: "%",
    aim: { atMost: 15 },
  });
  const seconds = (name: string, value: number) => ({ name, value, unit: "s" });
  return {
    title: `agent, an order of ${job.checkpoints} checkpoints, sealed, three inspectors on the same two processors`,
    rows: [
      seconds("placed, accepted, seed drawn, key and data there, first checkpoint", before),
      seconds("training", training),
      seconds("proof stored, submitted, inspectors drawn, keys given", handedIn),
      {
        ...seconds("three inspections at once", inspected),
        against: { name: "of a processor for one", value: middle },
      },
      seconds("verdicts opened", judged),
      seconds("for appeals", appealable),
      share("share of the order's time outside training", total),
      share("the same, with inspectors on machines of their own", total - spared),
      {
        name: "the same, without any inspection",
        value: (100 * (total - training - inspected)) / (total - inspected),
        unit: "%",
      },
      { name: "extrinsics of the order", value: count, unit: "" },
      { name: "bytes of them", value: bytes, unit: "bytes" },
    ],
  };
}

/** Lengths by the chain's clock, in s, one after the other. */
function phasesOf(events: readonly Happened[]) {
  const first = (name: string): number => events.find((each) => each.name === name)!.at;
  const last = (name: string): number => events.findLast((each) => each.name === name)!.at;
  const marks = [
    first("Marketplace.OrderPlaced"),
    first("ProofOfTraining.TrainingStarted"),
    last("ProofOfTraining.CheckpointAnchored"),
    last("ProofOfTraining.KeyReleased"),
    last("ProofOfTraining.VerdictCommitted"),
    last("ProofOfTraining.ProofAccepted"),
    last("Marketplace.OrderCompleted"),
  ] as const;
  const [before, training, handedIn, inspected, judged, appealable] = marks
    .slice(1)
    .map((at, i) => (at - marks[i]!) / 1_000) as [number, number, number, number, number, number];
  return { before, training, handedIn, inspected, judged, appealable };
}

/** Time of the processor that each agent takes from the last key that inspectors are given to the last verdict, in ms. */
async function inspectionCosts(
  chain: ChainClient,
  id: number,
  agents: readonly Child[],
  signal: AbortSignal,
): Promise<number[]> {
  const head = await chain.request<string>("chain_getFinalizedHead");
  const { number } = await chain.request<{ number: string }>("chain_getHeader", head);
  let before = agents.map(cpuMs);
  let after = before;
  for await (const { events } of chain.blocks(Number(number), signal))
    for (const { event } of events) {
      if ((event.value.value as { order?: number }).order !== id) continue;
      const name = `${event.type}.${event.value.type}`;
      if (name === "ProofOfTraining.KeyReleased") before = agents.map(cpuMs);
      if (name === "ProofOfTraining.VerdictCommitted") after = agents.map(cpuMs);
    }
  return agents.map((_, i) => after[i]! - before[i]!);
}
