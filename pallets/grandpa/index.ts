/**
 * Who votes on finality. TrainerStaking hands over a set when an epoch begins and takes the double votes that were
 * reported; the voters' protocol itself runs in the nodes.
 */
import { pallet } from "../../runtime/frame/pallet.ts";
import { calls, equivocationInherent } from "./calls.ts";
import { declaration } from "./schema.ts";

export {
  type Authority,
  currentAuthorities,
  maxAuthorityWeight,
  setAuthorities,
  setGenesisAuthorities,
  setId,
  trainerOf,
} from "./authorities.ts";
export { equivocationInherent } from "./calls.ts";
export { reportFault, takeOffences } from "./equivocation.ts";
export { constants, errors, events, type Offence, storage } from "./schema.ts";

export const grandpa = pallet(declaration, { calls, inherent: equivocationInherent });
