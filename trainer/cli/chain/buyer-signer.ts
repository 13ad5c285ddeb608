import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import { partsOf } from "../../buyer/known.ts";
import type { OrderDetails } from "../../client/queries.ts";
import type { Signer } from "../../client/signer.ts";
import { InputError } from "../run-command.ts";
import { addressOf } from "./account.ts";
import { type SecretFlags, signerFrom } from "./connection.ts";

/** The account of an order's buyer, who alone may do this. @throws InputError for another one, SecretError. */
export async function buyerFrom(details: OrderDetails, flags: SecretFlags): Promise<Signer> {
  const signer = await signerFrom(flags);
  const { buyer } = partsOf(details);
  if (equalBytes(buyer, signer.account)) return signer;
  throw new InputError(
    `order ${details.info.id} is ${addressOf(buyer)}'s, and ${signer.address} cannot act for it`,
  );
}
