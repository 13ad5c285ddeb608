import type { Command } from "commander";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { known } from "../../buyer/known.ts";
import { InputError } from "../run-command.ts";
import { account, addressOf } from "./account.ts";
import { amountText } from "./amount.ts";
import { buyerFrom } from "./buyer-signer.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions } from "./connection.ts";
import { orderNumber } from "./order-options.ts";
import { table } from "./table.ts";

/** `order bids ORDER`: who would do it, for what price, the cheapest first. */
export function registerBids(order: Command): void {
  const command = order
    .command("bids")
    .summary("who would do an open order, for what price")
    .description("Lists the bids for an order that is open to them, the cheapest first.")
    .argument("<order>", "its number", orderNumber);
  runOnChain(command, async (chain, { terminal }, id: number) => {
    const bids = (await known(chain, id)).info.bids.toSorted((a, b) => (a.price < b.price ? -1 : 1));
    terminal.answer(
      bids.map((bid) => ({ ...bid, trainer: addressOf(bid.trainer) })),
      bids.length === 0
        ? [`order ${id} has no bids`]
        : [
            ...table(
              ["trainer", "price", "machine"],
              bids.map(({ trainer, price, machine }) => [
                addressOf(trainer),
                amountText(price),
                toHex(machine),
              ]),
            ),
            `take one with: matrixai order take-bid ${id} TRAINER`,
          ],
    );
    return undefined;
  });
}

/** `order take-bid ORDER TRAINER`: both are bound by it. */
export function registerTakeBid(order: Command): void {
  const command = order
    .command("take-bid")
    .summary("take a trainer's bid, by which both are bound")
    .description("Takes the bid of a trainer for an open order; what it is below the limit is yours again.")
    .argument("<order>", "its number", orderNumber)
    .argument("<trainer>", "SS58 address or public key of the bidder", account);
  runOnChain(
    secretOptions(command),
    async (chain, { terminal }, id: number, trainer: Uint8Array, flags: ChainFlags & SecretFlags) => {
      const details = await known(chain, id);
      const { bids } = details.info;
      const bid = bids.find((each) => toHex(each.trainer) === toHex(trainer));
      if (bid === undefined)
        throw new InputError(
          `${addressOf(trainer)} has no bid for order ${id}${bids.length > 0 ? `; these have: ${bids.map((each) => addressOf(each.trainer)).join(", ")}` : ", and nobody else has"}`,
        );
      const signer = await buyerFrom(details, flags);
      const call = {
        type: "Marketplace",
        value: { type: "take_bid", value: { order: id, trainer } },
      } as const;
      const { block } = await chain.submit(signer, call, { until: "finalized" });
      terminal.answer({ order: id, trainer: addressOf(trainer), price: bid.price, block }, [
        `${addressOf(trainer)} has order ${id}, for ${amountText(bid.price)}`,
        `follow it with: matrixai order watch ${id}`,
      ]);
      return undefined;
    },
  );
}
