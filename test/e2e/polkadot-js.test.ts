/** What a user of @polkadot/api does, against a node in a process of its own. */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import type { ISubmittableResult } from "@polkadot/types/types";
import { createKeyMulti, encodeAddress, sortAddresses } from "@polkadot/util-crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { devTrainers, testAccounts } from "../../chain-spec/presets.ts";
import { type NodeProcess, startNode } from "./node-process.ts";

const unit = 1_000_000_000_000n;

let node: NodeProcess;
let api: ApiPromise;
let alice: KeyringPair;
let eve: KeyringPair;
let charlie: KeyringPair;
let ferdie: KeyringPair;

beforeAll(async () => {
  node = await startNode();
  const provider = new WsProvider(node.url) as NonNullable<ApiOptions["provider"]>;
  api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
  const keyring = new Keyring({ type: "sr25519", ss58Format: 42 });
  [alice, eve, charlie, ferdie] = ["//Alice", "//Eve", "//Charlie", "//Ferdie"].map((uri) =>
    keyring.addFromUri(uri),
  ) as [KeyringPair, KeyringPair, KeyringPair, KeyringPair];
});

afterAll(async () => {
  await api?.disconnect();
  await node?.stop();
});

type Tx = SubmittableExtrinsic<"promise", ISubmittableResult>;

interface Included {
  readonly block: string;
  readonly events: readonly EventRecord[];
  /** `pallet.Error` when dispatch failed. */
  readonly failure: string | undefined;
}

/** Signs, sends, and waits until the transaction is in a block, or in a final one. */
function send(
  tx: Tx,
  signer: KeyringPair,
  until: "isInBlock" | "isFinalized" = "isInBlock",
): Promise<Included> {
  return new Promise((resolve, reject) => {
    const sent = tx.signAndSend(signer, { nonce: -1 }, (result) => {
      if (result.isError) reject(new Error(`ended as ${result.status.type}`));
      if (!result.status[until]) return;
      void sent.then((stop) => stop());
      const error = result.dispatchError;
      const failure = error?.isModule ? api.registry.findMetaError(error.asModule) : undefined;
      resolve({
        block: (until === "isInBlock" ? result.status.asInBlock : result.status.asFinalized).toHex(),
        events: result.events,
        failure: failure === undefined ? error?.toString() : `${failure.section}.${failure.name}`,
      });
    });
    sent.catch(reject);
  });
}

interface DispatchInfo {
  readonly weight: { readonly ref_time: number; readonly proof_size: number };
  readonly class: string;
  readonly partialFee: string;
}

const names = ({ events }: Included) => events.map(({ event }) => `${event.section}.${event.method}`);
const freeOf = async (address: string) => (await api.query.system.account(address)).data.free.toBigInt();

test("connects and reads what the chain says of itself", async () => {
  expect(api.runtimeChain.toString()).toBe("Development");
  expect(api.runtimeVersion.specName.toString()).toBe("matrixai");
  expect(api.registry.chainDecimals).toEqual([12]);
  expect(api.registry.chainTokens).toEqual(["MAI"]);
  expect(api.registry.chainSS58).toBe(42);
  expect(api.runtimeMetadata.version).toBe(16);
  expect((await api.rpc.system.chainType()).isDevelopment).toBe(true);
  expect((await api.rpc.system.health()).shouldHavePeers.isFalse).toBe(true);
  expect(api.consts.balances.existentialDeposit.toBigInt()).toBe(unit / 1000n);
  for (const pallet of ["system", "timestamp", "balances", "utility", "sudo", "multisig", "proxy"])
    expect(api.tx).toHaveProperty(pallet);
});

test("reads storage: one, many, all of a map, at a block, and proofs of it", async () => {
  // Eve's, because Alice to Dave make the blocks and are paid for each.
  const [one, many] = [
    await api.query.system.account(eve.address),
    await api.query.system.account.multi([alice.address, eve.address]),
  ];
  expect(one.data.free.toBigInt()).toBeGreaterThan(0n);
  expect(many.map((account) => account.toHex())).toContain(one.toHex());
  const entries = await api.query.system.account.entries();
  expect(entries.map(([key]) => key.args[0].toString())).toContain(eve.address);
  const genesis = await api.at(api.genesisHash);
  expect((await genesis.query.system.number()).toNumber()).toBe(0);
  expect((await genesis.query.system.account(eve.address)).data.free.toBigInt()).toBe(
    one.data.free.toBigInt(),
  );
  const proof = await api.rpc.state.getReadProof([api.query.sudo.key.key()], api.genesisHash);
  expect(proof.proof.length).toBeGreaterThan(0);
});

test("a transfer is priced, sent, included, final, and seen by its events and its author", async () => {
  const tx = api.tx.balances.transferKeepAlive(eve.address, 7n * unit);
  const { partialFee } = await tx.paymentInfo(alice);
  const before = await freeOf(eve.address);
  const included = await send(tx, alice, "isFinalized");
  expect(included.failure).toBeUndefined();
  expect(names(included).at(-1)).toBe("system.ExtrinsicSuccess");
  expect(names(included)).toContain("balances.Transfer");
  const paid = included.events.find(({ event }) =>
    api.events.transactionPayment.TransactionFeePaid.is(event),
  );
  // The multiplier may move a little between the block of the estimate and that of the payment.
  expect(Number(paid?.event.data[1]) / Number(partialFee)).toBeCloseTo(1, 3);
  expect((await freeOf(eve.address)) - before).toBe(7n * unit);

  const header = await api.derive.chain.getHeader(included.block);
  const trainers = Object.values(testAccounts).slice(0, devTrainers);
  expect(trainers).toContain(header.author?.toString());
  const { block } = await api.rpc.chain.getBlock(included.block);
  expect(block.header.hash.toHex()).toBe(included.block);
  expect(block.extrinsics.map(({ hash }) => hash.toHex())).toContain(tx.hash.toHex());
});

test("heads are told in order, best and final", async () => {
  const seen: number[] = [];
  const stop = await api.rpc.chain.subscribeNewHeads((head) => void seen.push(head.number.toNumber()));
  await expect.poll(() => seen.length).toBeGreaterThanOrEqual(3);
  stop();
  expect(seen.slice(0, 3)).toEqual([seen[0], seen[0]! + 1, seen[0]! + 2]);
  const [best, final] = [await api.rpc.chain.getHeader(), await api.rpc.chain.getFinalizedHead()];
  const finalNumber = (await api.rpc.chain.getHeader(final)).number.toNumber();
  expect(finalNumber).toBeLessThan(best.number.toNumber());
});

test("a storage subscription tells the value of now and each change", async () => {
  const balances: bigint[] = [];
  const stop = await api.query.system.account(
    ferdie.address,
    ({ data }: { data: { free: { toBigInt(): bigint } } }) => {
      balances.push(data.free.toBigInt());
    },
  );
  await send(api.tx.balances.transferKeepAlive(ferdie.address, unit), charlie);
  await expect.poll(() => balances.length).toBe(2);
  expect(balances[1]! - balances[0]!).toBe(unit);
  stop();
});

test("a batch dispatches each call", async () => {
  const { balances, utility, system } = api.tx;
  const calls = [balances.transferKeepAlive(eve.address, unit), system.remark("0x1234")];
  const included = await send(utility.batchAll(calls), alice);
  expect(names(included).filter((name) => name === "utility.ItemCompleted")).toHaveLength(2);
  expect(names(included)).toContain("utility.BatchCompleted");
});

test("sudo acts as root, and only for its key", async () => {
  const call = api.tx.balances.forceSetBalance(ferdie.address, 5000n * unit);
  const included = await send(api.tx.sudo.sudo(call), alice);
  expect(names(included)).toContain("sudo.Sudid");
  expect(await freeOf(ferdie.address)).toBe(5000n * unit);
  const refused = await send(api.tx.sudo.sudo(call), eve);
  expect(refused.failure).toBe("sudo.RequireSudo");
  expect(names(refused).at(-1)).toBe("system.ExtrinsicFailed");
});

test("two of three act as one", async () => {
  const signers = [alice, eve, charlie].map(({ address }) => address);
  const multisig = encodeAddress(createKeyMulti(signers, 2), 42);
  await send(api.tx.balances.transferKeepAlive(multisig, 100n * unit), alice);
  const call = api.tx.balances.transferKeepAlive(ferdie.address, 3n * unit);
  const weight = { refTime: 1_000_000_000, proofSize: 100_000 };
  const others = (me: KeyringPair) =>
    sortAddresses(
      signers.filter((address) => address !== me.address),
      42,
    );
  const first = await send(api.tx.multisig.asMulti(2, others(alice), null, call, weight), alice);
  expect(names(first)).toContain("multisig.NewMultisig");
  const pending = (await api.query.multisig.multisigs(multisig, call.method.hash)).unwrap();
  const before = await freeOf(ferdie.address);
  const second = await send(api.tx.multisig.asMulti(2, others(eve), pending.when, call, weight), eve);
  expect(names(second)).toContain("multisig.MultisigExecuted");
  expect((await freeOf(ferdie.address)) - before).toBe(3n * unit);
});

test("a proxy acts for its principal", async () => {
  const added = await send(api.tx.proxy.addProxy(eve.address, "Any", 0), charlie);
  expect(names(added)).toContain("proxy.ProxyAdded");
  const before = await freeOf(ferdie.address);
  const call = api.tx.balances.transferKeepAlive(ferdie.address, 2n * unit);
  const acted = await send(api.tx.proxy.proxy(charlie.address, null, call), eve);
  expect(names(acted)).toContain("proxy.ProxyExecuted");
  expect((await freeOf(ferdie.address)) - before).toBe(2n * unit);
});

test("what is refused says why in Substrate's words", async () => {
  const tx = api.tx.balances.transferKeepAlive(eve.address, unit);
  const stale = await tx.signAsync(alice, { nonce: 0 });
  await expect(api.rpc.author.submitExtrinsic(stale)).rejects.toThrow(
    "1010: Invalid Transaction: Transaction is outdated",
  );
  const forged = await api.tx.balances.transferKeepAlive(eve.address, unit).signAsync(alice, { nonce: -1 });
  const bytes = forged.toU8a();
  bytes[50]! ^= 1;
  await expect(api.rpc.author.submitExtrinsic(bytes)).rejects.toThrow(
    "1010: Invalid Transaction: Transaction has a bad signature",
  );
  expect((await api.rpc.chain.getBlockHash(4_000_000_000)).isEmpty).toBe(true);
});

test("fees are told the same by the RPC and by the runtime API, in all their parts", async () => {
  const tx = await api.tx.balances.transferKeepAlive(eve.address, unit).signAsync(alice, { nonce: -1 });
  const at = await api.rpc.chain.getBlockHash();
  // As it comes: the library reads the answer as it was before weights had two parts, polkadot-sdk's as little as ours.
  const info = (await api.rpc.payment.queryInfo.raw(tx.toHex(), at)) as unknown as DispatchInfo;
  const called = await (await api.at(at)).call.transactionPaymentApi.queryInfo(tx.toU8a(), tx.encodedLength);
  expect(info.partialFee).toBe(called.partialFee.toString());
  expect(info.class).toBe("normal");
  expect(info.weight.ref_time).toBe(called.weight.refTime.toNumber());
  const fee = (await api.rpc.payment.queryFeeDetails(tx.toHex(), at)).inclusionFee.unwrap();
  const parts = [fee.baseFee, fee.lenFee, fee.adjustedWeightFee].map((part) => part.toBigInt());
  expect(parts.reduce((sum, part) => sum + part)).toBe(BigInt(info.partialFee));
});

test("a dry run says how it would end, and changes nothing", async () => {
  // As in Substrate it stands on the best state, and genesis does not hold its own hash yet.
  const height = async () => (await api.rpc.chain.getHeader()).number.toNumber();
  await expect.poll(height).toBeGreaterThan(0);
  const before = await freeOf(eve.address);
  const good = await api.tx.balances
    .transferKeepAlive(eve.address, unit)
    .signAsync(alice, { nonce: -1, era: 0 });
  expect((await api.rpc.system.dryRun(good.toHex())).isOk).toBe(true);
  const poor = await api.tx.sudo.sudo(api.tx.system.remark("0x")).signAsync(eve, { nonce: -1, era: 0 });
  const ended = await api.rpc.system.dryRun(poor.toHex());
  expect(ended.isOk && ended.asOk.isErr && ended.asOk.asErr.isModule).toBe(true);
  const early = await api.tx.system.remark("0x").signAsync(alice, { nonce: 999, era: 0 });
  const refused = await api.rpc.system.dryRun(early.toHex());
  expect(refused.isErr && refused.asErr.isInvalid && refused.asErr.asInvalid.isFuture).toBe(true);
  expect(await freeOf(eve.address)).toBe(before);
});

test("the next nonce counts what waits in the pool", async () => {
  const next = async () => (await api.rpc.system.accountNextIndex(ferdie.address)).toNumber();
  const nonce = await next();
  const tx = await api.tx.system.remark("0x01").signAsync(ferdie, { nonce });
  await api.rpc.author.submitExtrinsic(tx);
  expect(await next()).toBe(nonce + 1);
});
