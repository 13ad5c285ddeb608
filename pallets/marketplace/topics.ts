import type { AccountId } from "../../runtime/primitives/account.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";

const orderPrefix = textBytes("order");

/** The topic under which all events of an order are found: BLAKE2b-256 of `order` and its number as u32. */
export const orderTopic = (id: number): Uint8Array => blake2_256(concatBytes(orderPrefix, encode(u32, id)));

/** An order's event is found under the order and under each account that it concerns. */
export const topicsOf = (id: number, ...accounts: readonly (AccountId | undefined)[]): Uint8Array[] => [
  orderTopic(id),
  ...accounts.filter((account) => account !== undefined),
];
