/** A walk through a running development chain with a stock client, told line by line. */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";

const url = process.argv[2] ?? "ws://127.0.0.1:9944";
const say = (line: string): void => console.log(`  tour | ${line}`);

const provider = new WsProvider(url, 500) as NonNullable<ApiOptions["provider"]>;
const api = await ApiPromise.create({ provider, noInitWarn: true });
const { specName, specVersion } = api.runtimeVersion;
say(`connected to ${await api.rpc.system.chain()}, ${specName} ${specVersion}, with @polkadot/api`);
const pallets = api.runtimeMetadata.asLatest.pallets;
say(`${pallets.length} pallets: ${pallets.map((p) => p.name.toString()).join(", ")}`);

const keyring = new Keyring({ type: "sr25519" });
const [alice, bob] = [keyring.addFromUri("//Alice"), keyring.addFromUri("//Bob")];
const amount = 7_000_000_000_000n;
const free = async (address: string) => (await api.query.system.account(address)).data.free.toBigInt();
const mai = (units: bigint) => `${(Number(units) / 1e12).toFixed(6)} MAI`;

const transfer = api.tx.balances.transferKeepAlive(bob.address, amount);
const { partialFee } = await transfer.paymentInfo(alice);
say(`Alice sends Bob ${mai(amount)}; the fee will be ${mai(partialFee.toBigInt())}`);
const before = await free(bob.address);

await new Promise<void>((resolve, reject) => {
  const follow = transfer.signAndSend(alice, ({ status, events, dispatchError }) => {
    if (dispatchError) reject(new Error(`the transfer failed: ${dispatchError.toString()}`));
    if (status.isInBlock) {
      say(`in block ${status.asInBlock.toHex()}`);
      for (const { event } of events) say(`  ${event.section}.${event.method} ${event.data.toString()}`);
    }
    if (status.isFinalized) {
      say(`final: ${status.asFinalized.toHex()}`);
      resolve();
    }
  });
  follow.catch(reject);
});
say(`Bob has ${mai((await free(bob.address)) - before)} more`);
await api.disconnect();
