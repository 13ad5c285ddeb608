/** Bids for orders that are open to all. A bid binds: a buyer that takes it needs no further word. */
import {
  constants as market,
  storage as marketplace,
  type Order,
  workPrice,
} from "../../pallets/marketplace/index.ts";
import { ChainError } from "../client/errors.ts";
import type { Agent } from "./agent-context.ts";
import type { Duty } from "./duties.ts";
import type { MachineOptions } from "./options.ts";
import { refusal } from "./order-duty.ts";
import type { View } from "./view.ts";

/** Whether an open order is one that this agent bids for, as far as its own terms go. */
export function isBiddable({ options: { bids } }: Agent, { spec, price }: Order): boolean {
  if (bids === undefined || spec.machine !== undefined) return false;
  return (
    spec.train_within <= bids.longest && spec.disk <= bids.disk && price >= priceOf(bids.price_per_ut, spec)
  );
}

/** What this agent asks for an order: its floor, since the lowest bid is likely to be taken. */
export const askedFor = ({ options: { bids } }: Agent, { spec }: Order): bigint =>
  priceOf(bids?.price_per_ut ?? 0n, spec);

const priceOf = (pricePerUt: bigint, { flop }: Order["spec"]): bigint => {
  const price = workPrice(flop, pricePerUt);
  return price < market.MinPrice ? market.MinPrice : price;
};

interface Chance {
  readonly machine: MachineOptions;
  readonly view: View;
  /** Called where the order is not to be looked at again. */
  pass(): void;
}

/** Weighs an open order and bids for it. */
export function bidDuty(agent: Agent, id: number, order: Order, { machine, view, pass }: Chance): Duty {
  return {
    key: `order/${id}`,
    async run(context) {
      const reason = await refusal(agent, id, order, machine, view, context);
      const now = await agent.chain.read(marketplace.Orders, [id]);
      if (reason !== undefined || now?.state !== "Placed") {
        pass();
        if (reason !== undefined) agent.log.info("does not bid", { order: id, reason });
        return undefined;
      }
      const price = askedFor(agent, order);
      const value = { type: "bid", value: { order: id, price, machine: machine.id } } as const;
      try {
        const { block } = await agent.send({ type: "Marketplace", value });
        agent.log.info("bid", { order: id, price });
        return block.number;
      } catch (error) {
        // Others were faster, or the bond is too much: another try would only cost its fee.
        if (!(error instanceof ChainError) || error.code !== "Dispatch") throw error;
        pass();
        agent.log.warn("could not bid", { order: id, price, error: error.message });
        return undefined;
      }
    },
  };
}

/** Takes a bid back, by which nothing is promised any more. */
export const withdrawDuty = (agent: Agent, id: number): Duty => ({
  key: `order/${id}`,
  async run() {
    const { block } = await agent.send({
      type: "Marketplace",
      value: { type: "withdraw_bid", value: { order: id } },
    });
    agent.log.info("took its bid back", { order: id });
    return block.number;
  },
});
