import type { ChainClient } from "../client/chain-client.ts";
import { type OrderDetails, orderOf } from "../client/queries.ts";
import { BuyerError } from "./buyer-error.ts";

/** An order at a block, or at the best one. @throws BuyerError `NoOrder` where there is none. */
export async function known(chain: ChainClient, id: number, at?: string): Promise<OrderDetails> {
  const found = await orderOf(chain, id, at);
  if (found) return found;
  throw new BuyerError(
    "NoOrder",
    `there is no order ${id}: it never was, it is not in a final block yet, or it is forgotten`,
  );
}

/** Whose order it is, and which manifest it has; of one that is over, too. */
export function partsOf({ info: { id, order, ended } }: OrderDetails): {
  readonly buyer: Uint8Array;
  readonly manifest: Uint8Array;
} {
  if (order) return { buyer: order.buyer, manifest: order.spec.manifest };
  if (ended) return ended;
  throw new BuyerError("NoOrder", `there is no order ${id}`);
}
