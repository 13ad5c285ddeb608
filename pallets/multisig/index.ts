/** Joint accounts: calls that some of a group of signatories must approve before they are made. */
import { pallet } from "../../runtime/frame/pallet.ts";
import { calls } from "./calls.ts";
import { declaration } from "./schema.ts";

export { multisigAccount } from "./account.ts";
export { constants, errors, events, storage, type Timepoint } from "./schema.ts";

export const multisig = pallet(declaration, { calls });
