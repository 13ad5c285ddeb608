import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import type { PeerId } from "./types.ts";

/** The peer id of the node whose key has this secret (32 bytes of Ed25519). */
export async function peerIdOfSecret(secret: Uint8Array): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPairFromSeed("Ed25519", secret)).toString();
}
