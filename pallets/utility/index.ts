/** Calls that hold calls: batches, derived accounts, other origins. It stores nothing. */
import { pallet } from "../../runtime/frame/pallet.ts";
import { utilityCalls } from "./calls.ts";
import { declaration } from "./schema.ts";

export { derivativeAccount } from "./derivative.ts";
export { constants, errors, events } from "./schema.ts";

export const utility = pallet(declaration, { calls: utilityCalls });
