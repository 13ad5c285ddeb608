/** An order that somebody placed for a machine of ours: weighed, accepted or declined. */
import { join } from "node:path";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { determinismClass } from "../engine/device/determinism.ts";
import type { Agent } from "./agent-context.ts";
import { isSameDevice } from "./devices.ts";
import { diskObjection } from "./disk.ts";
import type { Duty } from "./duties.ts";
import type { MachineOptions } from "./options.ts";
import { faultOf, weighOrdered } from "./ordered-job.ts";
import { objection } from "./policy.ts";
import type { View } from "./view.ts";

/** How often an address that does not answer is tried before the order is declined. */
const attempts = 3;

export const machineFor = (agent: Agent, id: Uint8Array | undefined): MachineOptions | undefined =>
  id && agent.options.machines.find((machine) => equalBytes(machine.id, id));

/** The folder of an order's work, which goes when the order is over. */
export const orderFolder = (agent: Agent, id: number): string =>
  join(agent.options.folder, "orders", String(id));

/** Answers an order that was placed for a machine of ours. */
export function answerDuty(agent: Agent, id: number, order: Order, view: View): Duty {
  const machine = machineFor(agent, order.spec.machine);
  if (machine === undefined) throw new Error(`order ${id} is for no machine of ours`);
  return {
    key: `order/${id}`,
    async run({ signal, failures }) {
      const reason = agent.draining
        ? "no more orders are taken"
        : await refusal(agent, id, order, machine, view, { signal, failures });
      // The buyer may have cancelled while its data was fetched.
      if ((await agent.chain.read(marketplace.Orders, [id]))?.state !== "Placed") return undefined;
      const type = reason === undefined ? "accept_order" : "decline_order";
      const { block } = await agent.send({ type: "Marketplace", value: { type, value: { order: id } } });
      agent.log.info(reason === undefined ? "accepted" : "declined", {
        order: id,
        ...(reason && { reason }),
      });
      return block.number;
    },
  };
}

/** What is to be trained on a machine's device by the orders that are ours already. */
function flopBefore(agent: Agent, machine: MachineOptions, orders: View["orders"]): bigint {
  let flop = 0n;
  for (const { state, deal, spec } of orders.values()) {
    const other = machineFor(agent, deal?.machine);
    const isAhead = state === "Accepted" || state === "Training";
    if (isAhead && other && isSameDevice(other.device, machine.device)) flop += spec.flop;
  }
  return flop;
}

/** Why an order is not taken. Throws what may pass by itself. */
export async function refusal(
  agent: Agent,
  id: number,
  order: Order,
  machine: MachineOptions,
  { orders, slotMs }: View,
  { signal, failures }: { readonly signal: AbortSignal; readonly failures: number },
): Promise<string | undefined> {
  const { folder, maxDiskBytes } = agent.options;
  const space = { folder, most: maxDiskBytes, folderOf: (each: number) => orderFolder(agent, each) };
  const short = await diskObjection(space, order.spec.disk, orders);
  if (short !== undefined) return short;
  try {
    const manifest = await weighOrdered(agent, order.spec, orderFolder(agent, id), signal);
    const found = await agent.chain.read(machines.Machines, [machine.id]);
    const kind = machine.device.prefer?.[0] ?? "cpu";
    return objection(agent.options.policy, {
      order,
      machine: { measured: found?.measured ?? 0n },
      manifest,
      determinism: await determinismClass(kind, machine.device.deviceId ?? 0),
      slotMs,
      before: flopBefore(agent, machine, orders),
    });
  } catch (error) {
    signal.throwIfAborted();
    const found = faultOf(error);
    if (found === undefined || (found.mayPass && failures + 1 < attempts)) throw error;
    return `${found.fault}: ${(error as Error).message}`;
  }
}
