import type { Command } from "commander";
import { storage as trainers } from "../../../pallets/trainer-staking/index.ts";
import { fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import type { Signer } from "../../client/signer.ts";
import { InputError } from "../run-command.ts";
import { amount, amountText } from "./amount.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions, signerFrom } from "./connection.ts";

interface Flags extends ChainFlags, SecretFlags {
  readonly value: bigint;
}

/** `trainer register --value MAI`: keys of the node, and a bond. */
export function register(trainer: Command): void {
  const command = trainer
    .command("register")
    .summary("become a trainer with the keys of your node")
    .description(
      "Has the node make session keys for the account, and registers it as a trainer with a bond. The node must be your own, and allow unsafe methods from here, as it does from its own machine.",
    )
    .requiredOption("--value <MAI>", "what is bonded", amount);
  runOnChain(secretOptions(command), async (chain, { terminal }, flags: Flags) => {
    const signer = await signerFrom(flags);
    if (await chain.read(trainers.Trainers, [signer.account]))
      throw new InputError(`${signer.address} is a trainer already; see: trainer status ${signer.address}`);
    const { poh, gran, proof } = await sessionKeys(chain, signer);
    const { value } = flags;
    const { block } = await chain.submit(signer, {
      type: "TrainerStaking",
      value: { type: "register", value: { value, poh_key: poh, gran_key: gran, proof } },
    });
    terminal.answer({ trainer: signer.address, bond: value, poh, gran, block }, [
      `${signer.address} is a trainer with a bond of ${amountText(value)}, since block ${block.number}`,
      `keys in the node: poh_ ${toHex(poh)}, gran ${toHex(gran)}`,
      "lists of block makers are frozen two epochs ahead; see: trainer why",
    ]);
    return undefined;
  });
}

const keyBytes = 32;

/** New keys in the node's keystore, with the proof that it holds them for this account. @throws InputError. */
async function sessionKeys(
  chain: ChainClient,
  { account }: Signer,
): Promise<{ readonly poh: Uint8Array; readonly gran: Uint8Array; readonly proof: Uint8Array }> {
  const made = await chain
    .request<{ readonly keys: string; readonly proof: string }>("author_rotateKeysWithOwner", toHex(account))
    .catch((error: Error) => {
      throw new InputError(
        `${chain.url} makes no keys (${error.message}): ask your own node, with --rpc-methods unsafe if it is not on this machine`,
      );
    });
  const [keys, proof] = [fromHex(made.keys), fromHex(made.proof)];
  if (keys?.length !== 2 * keyBytes || proof === undefined)
    throw new InputError(`${chain.url} answers with ${made.keys}, which are not the two keys of a trainer`);
  return { poh: keys.subarray(0, keyBytes), gran: keys.subarray(keyBytes), proof };
}
