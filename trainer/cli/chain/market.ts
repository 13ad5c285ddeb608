import type { Command } from "commander";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import {
  type OfferInfo,
  type OpenOrder,
  offersOf,
  openOrdersOf,
  statisticsOf,
} from "../../client/queries.ts";
import { short } from "../terminal.ts";
import { addressOf } from "./account.ts";
import { amountText, workText } from "./amount.ts";
import { runOnChain } from "./connection.ts";
import { table } from "./table.ts";

/** `market`: machines for hire, orders that wait for a trainer, and sums. */
export function register(program: Command): void {
  const command = program
    .command("market")
    .summary("machines for hire, orders that wait, and sums")
    .description(
      "Shows the machines that are for hire, the orders that wait for a trainer, and how orders ended.",
    );
  runOnChain(command, async (chain, { terminal }) => {
    const [offers, orders, sums] = [
      await offersOf(chain),
      await openOrdersOf(chain),
      await statisticsOf(chain),
    ];
    terminal.answer(
      {
        offers: offers.map(({ offer, ...rest }) => ({
          ...rest,
          offer: { ...offer, trainer: addressOf(offer.trainer) },
        })),
        orders: orders.map(({ order, ...rest }) => ({
          ...rest,
          order: {
            ...order,
            buyer: addressOf(order.buyer),
            spec: { ...order.spec, manifest_uri: uriOf(order.spec) },
          },
        })),
        statistics: sums,
      },
      [
        `${offers.length} machines for hire`,
        ...(offers.length > 0 ? offerLines(offers) : []),
        `${orders.length} orders wait for a trainer`,
        ...(orders.length > 0 ? orderLines(orders) : []),
        `in training ${sums.training}, in inspection ${sums.inspecting}; completed ${sums.completed}, rejected ${sums.rejected}, cancelled ${sums.cancelled}, expired ${sums.expired}`,
        `paid to trainers ${amountText(sums.paid)}, to inspectors ${amountText(sums.inspected)}; ${workText(sums.work)} of inspected work`,
      ],
    );
    return undefined;
  });
}

const uriOf = ({ manifest_uri }: OpenOrder["order"]["spec"]): string => Buffer.from(manifest_uri).toString();

const offerLines = (offers: readonly OfferInfo[]): string[] =>
  table(
    ["machine", "trainer", "per ut", "longest", "disk", "completed", "failed", "late"],
    offers.map(({ machine, offer: { trainer, terms }, history }) => [
      toHex(machine),
      addressOf(trainer),
      amountText(terms.price_per_ut),
      `${terms.longest} blocks`,
      `${terms.disk} MiB`,
      String(history.completed),
      String(history.failed),
      String(history.late),
    ]),
  );

const orderLines = (orders: readonly OpenOrder[]): string[] =>
  table(
    ["order", "buyer", "work", "at most", "within", "bids", "until block"],
    orders.map(({ id, order, bids }) => [
      String(id),
      addressOf(order.buyer),
      `${short(Number(order.spec.flop))}FLOP`,
      amountText(order.price),
      `${order.spec.train_within} blocks`,
      order.spec.machine ? "direct" : String(bids.length),
      String(order.deadline),
    ]),
  );
