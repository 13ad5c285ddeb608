/** What a block says of a trainer: one look at the chain, from which all that is due follows. */
import { storage as marketplace, type Order, openOrder } from "../../pallets/marketplace/index.ts";
import { epochs } from "../../runtime/apis/poh.ts";
import { explanation } from "../../runtime/apis/trainer.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import type { ChainClient } from "../client/chain-client.ts";

export interface View {
  readonly block: number;
  readonly hash: string;
  readonly facts: Value<typeof explanation>;
  readonly slotMs: bigint;
  /** Orders that this account has accepted, in any state. */
  readonly orders: ReadonlyMap<number, Order>;
}

export async function viewAt(
  chain: ChainClient,
  account: Uint8Array,
  { number, hash }: { readonly number: number; readonly hash: string },
): Promise<View> {
  const [facts, time] = await Promise.all([
    chain.call(
      "TrainerApi_explain",
      { inputs: { account: accountId }, output: explanation },
      { account },
      hash,
    ),
    chain.call("PohApi_epoch", { inputs: {}, output: epochs }, {}, hash),
  ]);
  const entries = await Promise.all(
    facts.duties.orders.map(
      async ({ order }) => [order, await chain.read(marketplace.Orders, [order], hash)] as const,
    ),
  );
  const orders = new Map(entries.flatMap(([id, order]) => (order ? [[id, order]] : [])));
  return { block: number, hash, facts, slotMs: time.slot_duration, orders };
}

const page = 100;

/** All orders that wait for a trainer. */
export async function placedOrders(chain: ChainClient, at: string): Promise<Map<number, Order>> {
  const found = new Map<number, Order>();
  for (let start = 0; ; start += page) {
    const method = { inputs: { start: u32, count: u32 }, output: vec(openOrder) };
    const orders = await chain.call("MarketplaceApi_open_orders", method, { start, count: page }, at);
    for (const { id, order } of orders) found.set(id, order);
    if (orders.length < page) return found;
  }
}
