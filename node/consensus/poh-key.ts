import type { KeyringPair } from "@polkadot/keyring/types";
import { vrfContext } from "../../runtime/primitives/vrf.ts";
import type { PohKey } from "./local-claims.ts";

/** An unlocked sr25519 pair as the author uses it. */
export const pohKey = (pair: KeyringPair): PohKey => ({
  publicKey: pair.publicKey,
  sign: (message) => pair.sign(message),
  vrfSign: (input) => pair.vrfSign(input, vrfContext),
});
