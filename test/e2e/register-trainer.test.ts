/** How an operator becomes a trainer: keys of the node, a proof for the account, a signed registration. */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { ISubmittableResult } from "@polkadot/types/types";
import { u8aToHex } from "@polkadot/util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NodeProcess, startNode } from "./node-process.ts";

const bond = 500_000_000_000_000n;

let node: NodeProcess;
let provider: WsProvider;
let api: ApiPromise;

beforeAll(async () => {
  node = await startNode(["--tmp", "--sealing", "instant", "--port", "0"]);
  provider = new WsProvider(node.url);
  api = await ApiPromise.create({
    provider: provider as NonNullable<ApiOptions["provider"]>,
    noInitWarn: true,
    throwOnConnect: true,
  });
});
afterAll(async () => {
  await api?.disconnect();
  await node?.stop();
});

/** Sends a call; tells how it ended in its block. */
const outcome = (tx: SubmittableExtrinsic<"promise", ISubmittableResult>, who: KeyringPair) =>
  new Promise<string>((resolve, reject) => {
    const sent = tx.signAndSend(who, ({ status, dispatchError, isError }) => {
      if (isError) reject(new Error(`ended as ${status.type}`));
      // The client leaves out the first when the second follows at once.
      if (!status.isInBlock && !status.isFinalized) return;
      void sent.then((stop) => stop());
      if (!dispatchError?.isModule) resolve(dispatchError?.type ?? "in a block");
      else {
        const { section, name } = api.registry.findMetaError(dispatchError.asModule);
        resolve(`${section}.${name}`);
      }
    });
    sent.catch(reject);
  });

interface Made {
  readonly keys: string;
  readonly proof: string;
}

test("keys that the node makes for an account register it, and no other", async () => {
  const keyring = new Keyring({ type: "sr25519" });
  const [eve, ferdie] = [keyring.addFromUri("//Eve"), keyring.addFromUri("//Ferdie")];
  const owner = u8aToHex(eve.publicKey);
  const { keys, proof } = await provider.send<Made>("author_rotateKeysWithOwner", [owner]);
  expect(await provider.send("author_hasSessionKeys", [keys])).toBe(true);
  const [poh, gran] = [keys.slice(0, 66), `0x${keys.slice(66)}`];
  const register = (who: KeyringPair) =>
    outcome(api.tx.trainerStaking!.register!(bond, poh, gran, proof), who);

  expect(await register(ferdie)).toBe("trainerStaking.InvalidProof");
  expect(await register(eve)).toBe("in a block");

  const trainer = (await api.query.trainerStaking!.trainers!(eve.address)).toJSON();
  expect(trainer).toMatchObject({ pohKey: poh, granKey: gran, chilled: false });
  const holds = await api.query.balances.holds(eve.address);
  expect(holds.toJSON()).toEqual([{ id: { trainerStaking: "Bond" }, amount: Number(bond) }]);
});
