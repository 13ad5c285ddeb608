import { Keyring } from "@polkadot/keyring";
import { cryptoWaitReady } from "@polkadot/util-crypto";
import type { PolkadotSigner } from "polkadot-api";
import { getPolkadotSigner } from "polkadot-api/signer";

/** An account that can sign. */
export interface Signer {
  /** 32 bytes. */
  readonly account: Uint8Array;
  readonly address: string;
  readonly polkadot: PolkadotSigner;
}

/** The account of a secret: a mnemonic, a seed in hex, or a URI such as `//Alice`. @throws Error when it is none. */
export async function signerOf(secret: string): Promise<Signer> {
  await cryptoWaitReady();
  const pair = new Keyring({ type: "sr25519", ss58Format: 42 }).addFromUri(secret.trim());
  const polkadot = getPolkadotSigner(pair.publicKey, "Sr25519", (data) => pair.sign(data));
  return { account: pair.publicKey, address: pair.address, polkadot };
}
