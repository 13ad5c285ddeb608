/** `chainSpec_v1_*`: what the chain specification says, the same for as long as the node runs. */
import { call, type Methods } from "./server/method.ts";
import type { Services } from "./services.ts";

export function chainSpecMethods({ chain, spec }: Pick<Services, "chain" | "spec">): Methods {
  return {
    chainSpec_v1_chainName: call({}, () => spec.name),
    chainSpec_v1_genesisHash: call({}, () => chain.genesisHash),
    chainSpec_v1_properties: call({}, () => spec.properties),
  };
}
