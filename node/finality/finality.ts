import { Gadget } from "./gadget.ts";
import type { FinalityComponents, FinalityOptions } from "./options.ts";
import type { Finality } from "./types.ts";

/**
 * Follows the finality of a chain, and votes where this node has a voter's key. The chain's own rule must leave
 * finality alone (`finalityOnRequest`).
 * @throws DatabaseError when the memory of earlier votes cannot be read.
 */
export function startFinality(options: FinalityOptions, components: FinalityComponents): Finality {
  return new Gadget(options, components);
}
