/** Orders that wait for a trainer: those for our machines are answered, open ones are bid for, as long as there is room. */
import { constants as market, storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import { equalBytes, toHex } from "../../runtime/primitives/bytes.ts";
import type { Agent } from "./agent-context.ts";
import { askedFor, bidDuty, isBiddable, withdrawDuty } from "./bid-duty.ts";
import type { Duty } from "./duties.ts";
import type { MachineOptions } from "./options.ts";
import { answerDuty, machineFor } from "./order-duty.ts";
import type { View } from "./view.ts";

/** So many open orders are looked at; the oldest first, as they expire. */
const maxOpen = 100;

/**
 * What is to be done about them. One is weighed at a time, so that what the next is weighed against is known; the others wait
 * their turn. Those that cannot be ours leave `placed`.
 */
export async function placedDuties(agent: Agent, view: View, placed: Set<number>): Promise<Duty[]> {
  const { chain, draining } = agent;
  const [direct, open] = await ours(agent, view, placed);
  const room = new Room(agent.options.policy.maxOrders, view.orders);
  const promised = new Map(view.orders);
  const due: Duty[] = [];
  const unbid: Placed[] = [];
  for (const [id, order] of open) {
    const bids = await chain.read(marketplace.Bids, [id], view.hash);
    const own = bids.find(({ trainer }) => equalBytes(trainer, agent.account));
    if (own !== undefined) {
      room.promise(own.machine);
      promised.set(id, order);
      if (draining) due.push(withdrawDuty(agent, id));
    } else if (bids.length < market.MaxBids || bids.some(({ price }) => price > askedFor(agent, order)))
      unbid.push([id, order]);
  }
  const weighed = { ...view, orders: promised };
  const answers = direct.filter(([, { spec }]) => draining || room.has(spec.machine!));
  const answered = answers.slice(0, draining ? undefined : 1);
  due.push(...answered.map(([id, order]) => answerDuty(agent, id, order, weighed)));
  const [first] = unbid;
  const machine = freeMachine(agent, view, room);
  if (draining || answered.length > 0 || first === undefined || machine === undefined) return due;
  const [id, order] = first;
  due.push(bidDuty(agent, id, order, { machine, view: weighed, pass: () => placed.delete(id) }));
  return due;
}

/** Those for our machines, and those that are open to bids and that we would do. */
async function ours(agent: Agent, { hash }: View, placed: Set<number>): Promise<[Placed[], Placed[]]> {
  const [direct, open]: [Placed[], Placed[]] = [[], []];
  for (const id of placed) {
    const order = await agent.chain.read(marketplace.Orders, [id], hash);
    if (order?.state === "Placed" && machineFor(agent, order.spec.machine) !== undefined)
      direct.push([id, order]);
    else if (order?.state === "Placed" && isBiddable(agent, order)) {
      if (open.length < maxOpen) open.push([id, order]);
    }
    // What is placed in a block that this view knows and is not there any more will not come back.
    else placed.delete(id);
  }
  return [direct, open];
}

type Placed = readonly [id: number, order: Order];

/** The fastest machine that the chain knows to be there and that has room. */
function freeMachine({ options }: Agent, { facts }: View, room: Room): MachineOptions | undefined {
  const known = facts.machines.filter(({ available, measured }) => available && measured > 0n);
  const sorted = known.toSorted((a, b) => (a.measured < b.measured ? 1 : -1));
  for (const { id } of sorted) {
    const own = options.machines.find((machine) => equalBytes(machine.id, id));
    if (own !== undefined && room.has(id)) return own;
  }
  return undefined;
}

/** How many more orders each machine takes. */
class Room {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number, orders: View["orders"]) {
    this.#most = most;
    for (const { state, deal } of orders.values())
      if (deal && (state === "Accepted" || state === "Training")) this.promise(deal.machine);
  }

  /** Counts an order that the machine has, or is bound to take. */
  promise(machine: Uint8Array): void {
    const key = toHex(machine);
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
  }

  has(machine: Uint8Array): boolean {
    return (this.#taken.get(toHex(machine)) ?? 0) < this.#most;
  }
}
