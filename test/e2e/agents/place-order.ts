import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";
import type { Signer } from "../../../trainer/client/signer.ts";

/** Places an order; resolves with its number. @throws ChainError. */
export async function placeOrder(chain: ChainClient, buyer: Signer, spec: OrderSpec): Promise<number> {
  const value = { type: "place_order", value: { spec } } as const;
  const { events } = await chain.submit(buyer, { type: "Marketplace", value });
  const placed = events.find((event) => event.type === "Marketplace" && event.value.type === "OrderPlaced");
  return (placed!.value.value as { order: number }).order;
}

/** The buyer of an order, or somebody else, gives it up. @throws ChainError. */
export async function cancelOrder(chain: ChainClient, buyer: Signer, order: number): Promise<void> {
  await chain.submit(buyer, { type: "Marketplace", value: { type: "cancel_order", value: { order } } });
}
