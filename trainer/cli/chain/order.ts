import type { Command } from "commander";
import { register as appeal } from "./order-appeal.ts";
import { registerBids, registerTakeBid } from "./order-bids.ts";
import { register as cancel } from "./order-cancel.ts";
import { register as fetch } from "./order-fetch.ts";
import { register as place } from "./order-place.ts";
import { register as quote } from "./order-quote.ts";
import { register as release } from "./order-release.ts";
import { register as watch } from "./order-watch.ts";

/** `order`: what a buyer does. */
export function register(program: Command): void {
  const order = program
    .command("order")
    .summary("buy a training: quote, place, watch, fetch, and what lies between")
    .description("Buys the training of a model on the chain's market.");
  for (const add of [quote, place, watch, release, registerBids, registerTakeBid, fetch, cancel, appeal])
    add(order);
}
