/** What the chain tells of the market and of trainers, asked at a block or at the best one. */

import { type ScoreInfo, scoreInfo } from "../../pallets/compute-score/index.ts";
import {
  type OrderSpec,
  offerInfo,
  openOrder,
  orderSpec,
  type Quote,
  quoteCodec,
  statistics,
} from "../../pallets/marketplace/index.ts";
import { orderDetails } from "../../runtime/apis/marketplace.ts";
import { epochs } from "../../runtime/apis/poh.ts";
import { explanation } from "../../runtime/apis/trainer.ts";
import { runtime } from "../../runtime/index.ts";
import { type AccountId, accountId } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import type { ChainClient } from "./chain-client.ts";

export type OrderDetails = Value<typeof orderDetails>;
export type Explanation = Value<typeof explanation>;
export type OpenOrder = Value<typeof openOrder>;
export type OfferInfo = Value<typeof offerInfo>;

/** What an order would cost at most, who could do it, or why it cannot be. */
export const quoteOf = (chain: ChainClient, spec: OrderSpec): Promise<Quote> =>
  chain.call("MarketplaceApi_quote", { inputs: { spec: orderSpec }, output: quoteCodec }, { spec });

/** All that is known of an order; undefined of one that never was, or is forgotten. */
export const orderOf = (chain: ChainClient, id: number, at?: string): Promise<OrderDetails | undefined> =>
  chain.call("MarketplaceApi_order", { inputs: { id: u32 }, output: option(orderDetails) }, { id }, at);

/** Orders that wait for a trainer, all of one block. */
export const openOrdersOf = (chain: ChainClient): Promise<OpenOrder[]> =>
  allOf(chain, (values, at) =>
    chain.call("MarketplaceApi_open_orders", { inputs: page, output: vec(openOrder) }, values, at),
  );

/** Machines for hire, all of one block. */
export const offersOf = (chain: ChainClient): Promise<OfferInfo[]> =>
  allOf(chain, (values, at) =>
    chain.call("MarketplaceApi_offers", { inputs: page, output: vec(offerInfo) }, values, at),
  );

export const statisticsOf = (chain: ChainClient): Promise<Value<typeof statistics>> =>
  chain.call("MarketplaceApi_statistics", { inputs: {}, output: statistics }, {});

export const scoreOf = (chain: ChainClient, account: AccountId, at?: string): Promise<ScoreInfo> =>
  chain.call("ComputeScoreApi_score", { inputs: { account: accountId }, output: scoreInfo }, { account }, at);

/** Scores of all trainers, all of one block. */
export const scoresOf = (chain: ChainClient): Promise<ScoreInfo[]> =>
  allOf(chain, (values, at) =>
    chain.call("ComputeScoreApi_scores", { inputs: page, output: vec(scoreInfo) }, values, at),
  );

/** The facts behind "why": see `TrainerApi`. */
export const explanationOf = (chain: ChainClient, account: AccountId): Promise<Explanation> =>
  chain.call("TrainerApi_explain", { inputs: { account: accountId }, output: explanation }, { account });

/** How long a block takes, in ms. */
export async function slotMs(chain: ChainClient): Promise<number> {
  const { slot_duration } = await chain.call("PohApi_epoch", { inputs: {}, output: epochs }, {});
  return Number(slot_duration);
}

/** What an error of a pallet says, in a sentence. */
export function errorText(pallet: string, error: string): string {
  const { errors } = runtime.pallets.find(({ pallet: { name } }) => name === pallet)?.pallet.schema ?? {};
  return errors?.[error] ?? error;
}

const page = { start: u32, count: u32 };
/** No page of the runtime is longer than asked for, and none of its pages is shorter than this. */
const pageLength = 100;

async function allOf<T>(
  chain: ChainClient,
  ask: (values: { start: number; count: number }, at: string) => Promise<readonly T[]>,
): Promise<T[]> {
  const at = await chain.request<string>("chain_getBlockHash");
  const all: T[] = [];
  for (;;) {
    const part = await ask({ start: all.length, count: pageLength }, at);
    all.push(...part);
    if (part.length < pageLength) return all;
  }
}
