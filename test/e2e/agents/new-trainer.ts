/** A trainer that was not there from the beginning: registered as any other, without a score. */
import { fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";
import { type Signer, signerOf } from "../../../trainer/client/signer.ts";

/** Registers the account of a secret with this bond, and keys that the node makes for it. */
export async function newTrainer(chain: ChainClient, secret: string, bond: bigint): Promise<Signer> {
  const signer = await signerOf(secret);
  const made = await chain.request<{ keys: string; proof: string }>(
    "author_rotateKeysWithOwner",
    toHex(signer.account),
  );
  const [keys, proof] = [fromHex(made.keys)!, fromHex(made.proof)!];
  const [poh_key, gran_key] = [keys.subarray(0, 32), keys.subarray(32)];
  await chain.submit(signer, {
    type: "TrainerStaking",
    value: { type: "register", value: { value: bond, poh_key, gran_key, proof } },
  });
  return signer;
}
