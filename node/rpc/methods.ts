/** Every method of the node by its wire name. A group of the new specification is here whole or not at all. */
import { archiveMethods } from "./archive.ts";
import { authorMethods } from "./author.ts";
import { chainMethods } from "./chain.ts";
import { chainHeadMethods } from "./chain-head/methods.ts";
import { chainSpecMethods } from "./chain-spec.ts";
import { childstateMethods } from "./childstate.ts";
import { devMethods } from "./dev.ts";
import { engineMethods } from "./engine.ts";
import { grandpaMethods } from "./grandpa.ts";
import { offchainMethods } from "./offchain.ts";
import { paymentMethods } from "./payment.ts";
import type { Methods } from "./server/method.ts";
import type { Services } from "./services.ts";
import { stateMethods } from "./state.ts";
import { systemMethods } from "./system.ts";
import { transactionMethods } from "./transaction.ts";
import { transactionWatchMethods } from "./transaction-watch.ts";

export function createMethods(services: Services): Methods {
  return {
    ...authorMethods(services),
    ...chainMethods(services),
    ...stateMethods(services),
    ...systemMethods(services),
    ...paymentMethods(services),
    ...childstateMethods(services),
    ...devMethods(services),
    ...offchainMethods(services),
    ...(services.sealer === undefined ? {} : engineMethods(services.sealer)),
    ...(services.finality === undefined ? {} : grandpaMethods(services.finality)),
    ...chainHeadMethods(services),
    ...chainSpecMethods(services),
    ...transactionMethods(services),
    ...transactionWatchMethods(services),
    ...archiveMethods(services),
  };
}
