import { decodePair } from "@polkadot/keyring/pair/decode";
import type { KeyringPair } from "@polkadot/keyring/types";
import { sr25519Sign, vrfSign } from "@polkadot/wasm-crypto";
import { vrfContext } from "../../runtime/primitives/vrf.ts";
import type { PohKey } from "./local-claims.ts";

/**
 * An unlocked sr25519 pair as the author uses it. The pair itself would sign in JavaScript, which takes seven times as
 * long, and an author draws for each of its keys in every slot.
 */
export function pohKey(pair: KeyringPair): PohKey {
  const { publicKey, secretKey } = decodePair(undefined, pair.encodePkcs8(), "none");
  return {
    publicKey,
    sign: (message) => sr25519Sign(publicKey, secretKey, message),
    vrfSign: (input) => vrfSign(secretKey, vrfContext, input, noExtra),
  };
}

const noExtra = new Uint8Array(0);
