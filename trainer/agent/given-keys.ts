/** Keys of orders that others have given this trainer over the chain. */
import { type KeyPurpose, storage as marketplace } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { openOrderKey } from "../job/order-keys.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";

/** What was given: nothing yet, something that is no key for this trainer, or a key. */
export type GivenKey =
  | { readonly type: "none" }
  | { readonly type: "garbage" }
  | { readonly type: "key"; readonly keys: SealKeys };

/**
 * The key of an order that this trainer was given for a purpose. `sealedTo` is the sealing key that the chain noted when it
 * became a party. @throws AgentError `OpeningLost` where that is not the key in the folder: then nobody else is to blame.
 */
export async function givenKey(
  agent: Agent,
  order: number,
  purpose: KeyPurpose,
  sealedTo: Uint8Array | undefined,
): Promise<GivenKey> {
  const envelope = await agent.chain.read(marketplace.ReleasedKeys, [order, agent.account, purpose]);
  if (envelope === undefined) return { type: "none" };
  const own = toHex(new Uint8Array(agent.sealing.publicKey));
  if (sealedTo === undefined || toHex(sealedTo) !== own)
    throw new AgentError(
      "OpeningLost",
      `the keys of order ${order} were sealed to another key than the one in ${agent.options.folder}: was its sealing-key replaced?`,
    );
  try {
    return { type: "key", keys: openOrderKey({ order, purpose }, envelope, agent.sealing) };
  } catch {
    return { type: "garbage" };
  }
}
