import { Keyring } from "@polkadot/keyring";
import { encodePossessionProof, possessionMessage } from "../../../runtime/primitives/session-keys.ts";
import type { SessionKeys } from "../index.ts";

const sr25519 = new Keyring({ type: "sr25519" });
const ed25519 = new Keyring({ type: "ed25519" });

/** The session keys of a secret such as `//Alice`, and their proof for `owner`. */
export function provenKeys(
  secret: string,
  owner: Uint8Array,
): { readonly keys: SessionKeys; readonly proof: Uint8Array } {
  const [poh, gran] = [sr25519.createFromUri(secret), ed25519.createFromUri(secret)];
  const message = possessionMessage(owner);
  return {
    keys: { poh: poh.publicKey, gran: gran.publicKey },
    proof: encodePossessionProof(poh.sign(message), gran.sign(message)),
  };
}

/** Keys that nobody has, for what asks for no proof: told apart by one byte. */
export const madeUpKeys = (byte: number): SessionKeys => ({
  poh: new Uint8Array(32).fill(byte).fill(0x70, 16),
  gran: new Uint8Array(32).fill(byte).fill(0x67, 16),
});
