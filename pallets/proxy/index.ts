/**
 * Accounts that act for others, within limits: at once, or some time after announcing each call, so that it can
 * be stopped. A pure proxy is an account without a key, which only its proxies can move.
 */
import { pallet } from "../../runtime/frame/pallet.ts";
import { calls } from "./calls.ts";
import { declaration } from "./schema.ts";

export { addProxy, findProxy, pureAccount, removeProxy } from "./delegates.ts";
export { constants, errors, events, storage } from "./schema.ts";

export const proxy = pallet(declaration, { calls });
