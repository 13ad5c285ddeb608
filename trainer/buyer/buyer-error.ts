import { CodedError } from "../engine/coded-error.ts";

/** Why something cannot be bought, fetched or handed out. */
export type BuyerErrorCode =
  /** There is no such order, or it is somebody else's. */
  | "NoOrder"
  /** It cannot be placed on these terms. */
  | "NotPlaceable"
  /** The account has too little that is free. */
  | "TooPoor"
  /** The order has no model, or its package is not the one that the chain recorded. */
  | "NoModel"
  /** The secrets of an order are not here, damaged, or of another order. */
  | "NoSecrets"
  /** An earlier order's checkpoint cannot be had. */
  | "NoCheckpoint";

/** Something that a buyer can put right; the message says how. */
export class BuyerError extends CodedError<BuyerErrorCode> {
  override readonly name = "BuyerError";
}
