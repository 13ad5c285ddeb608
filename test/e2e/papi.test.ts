/** What a user of polkadot-api does: over the new RPC groups, and over their emulation where a node has none. */
import { Keyring } from "@polkadot/keyring";
import { Binary, createClient, Enum, type PolkadotClient } from "polkadot-api";
import { getPolkadotSigner } from "polkadot-api/signer";
import { getWsProvider } from "polkadot-api/ws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LegacyProxy, startLegacyProxy } from "./legacy-proxy.ts";
import { type NodeProcess, startNode } from "./node-process.ts";

const unit = 1_000_000_000_000n;
let node: NodeProcess;
let legacy: LegacyProxy;

beforeAll(async () => {
  node = await startNode();
  legacy = await startLegacyProxy(node.url);
});
afterAll(async () => {
  await legacy?.stop();
  await node?.stop();
});

const keyring = new Keyring({ type: "sr25519", ss58Format: 42 });
function person(uri: string) {
  const pair = keyring.addFromUri(uri);
  return {
    address: pair.address,
    signer: getPolkadotSigner(pair.publicKey, "Sr25519", (data) => pair.sign(data)),
  };
}
const [alice, bob, charlie] = ["//Alice", "//Bob", "//Charlie"].map(person) as [Person, Person, Person];
interface AccountInfo {
  readonly nonce: number;
  readonly data: { readonly free: bigint };
}
type Person = ReturnType<typeof person>;

describe.each([
  { how: "the new groups", url: () => node.url, sender: alice, name: "Development" },
  // Where there is no chainSpec group, polkadot-api takes the node's name for the chain's.
  { how: "the emulation over the old ones", url: () => legacy.url, sender: bob, name: "matrixai" },
])("through $how", ({ url, sender, name }) => {
  let client: PolkadotClient;
  beforeAll(() => {
    client = createClient(getWsProvider(url()));
  });
  afterAll(() => client.destroy());

  test("connects", async () => {
    const spec = await client.getChainSpecData();
    expect(spec.name).toBe(name);
    expect(spec.properties).toMatchObject({ tokenSymbol: "MAI", tokenDecimals: 12, ss58Format: 42 });
    const genesis = (await client._request("chain_getBlockHash", [0])) as string;
    expect(spec.genesisHash).toBe(genesis);
  });

  test("reads storage, constants, runtime APIs, entries, and other blocks", async () => {
    const api = client.getUnsafeApi();
    const account = (await api.query.System!.Account!.getValue(alice.address)) as AccountInfo;
    expect(account.data.free).toBeGreaterThan(0n);
    const entries = await api.query.System!.Account!.getEntries();
    expect(entries.map(({ keyArgs }) => keyArgs[0])).toContain(bob.address);
    expect(await api.constants.Balances!.ExistentialDeposit!()).toBe(unit / 1000n);
    expect(await api.apis.AccountNonceApi!.account_nonce!(alice.address)).toBe(account.nonce);
    const { hash } = await client.getFinalizedBlock();
    expect(await api.query.System!.Number!.getValue({ at: hash })).toBeGreaterThanOrEqual(0);
    const past = (await client._request("chain_getBlockHash", [0])) as string;
    expect(await api.query.System!.Number!.getValue({ at: past })).toBe(0);
  });

  test("a transfer is priced, signed, sent and final", async () => {
    const api = client.getUnsafeApi();
    const tx = api.tx.Balances!.transfer_keep_alive!({ dest: Enum("Id", charlie.address), value: 3n * unit });
    const fees = await tx.getEstimatedFees(sender.address);
    const result = await tx.signAndSubmit(sender.signer);
    expect(result.ok).toBe(true);
    const paid = result.events.find(
      ({ type, value }) => type === "TransactionPayment" && value.type === "TransactionFeePaid",
    );
    // The multiplier may move a little between the block of the estimate and that of the payment.
    expect(Number(paid?.value.value.actual_fee) / Number(fees)).toBeCloseTo(1, 3);
    expect(result.events.at(-1)?.value.type).toBe("ExtrinsicSuccess");
  });

  test("a batch is dispatched and a failure is decoded to its pallet's error", async () => {
    const api = client.getUnsafeApi();
    const remark = api.tx.System!.remark!({ remark: Binary.fromText("hello") });
    const batch = api.tx.Utility!.batch_all!({ calls: [remark.decodedCall, remark.decodedCall] });
    const sudo = api.tx.Sudo!.sudo!({ call: remark.decodedCall });
    const [done, refused] = await Promise.all([
      batch.signAndSubmit(sender.signer),
      sudo.signAndSubmit(charlie.signer),
    ]);
    expect(done.ok).toBe(true);
    expect(done.events.filter(({ value }) => value.type === "ItemCompleted")).toHaveLength(2);
    expect(refused.ok).toBe(false);
    expect(refused.dispatchError).toMatchObject({
      type: "Module",
      value: { type: "Sudo", value: { type: "RequireSudo" } },
    });
  });

  test("a proxy, two of two, and root act for others", async () => {
    const api = client.getUnsafeApi();
    const call = api.tx.System!.remark_with_event!({ remark: Binary.fromText("for another") }).decodedCall;
    const approve = (other: Person, maybe_timepoint?: { height: number; index: number }) =>
      api.tx.Multisig!.as_multi!({
        threshold: 2,
        other_signatories: [other.address],
        maybe_timepoint,
        call,
        max_weight: { ref_time: 10n ** 9n, proof_size: 10n ** 5n },
      }).decodedCall;
    const terms = { delegate: Enum("Id", charlie.address), proxy_type: Enum("Any"), delay: 0 };
    const inOne = (...calls: unknown[]) => api.tx.Utility!.batch_all!({ calls });
    const opened = await inOne(api.tx.Proxy!.add_proxy!(terms).decodedCall, approve(charlie)).signAndSubmit(
      sender.signer,
    );
    expect(opened).toMatchObject({ ok: true });

    const real = Enum("Id", sender.address);
    const acted = api.tx.Proxy!.proxy!({ real, force_proxy_type: undefined, call }).decodedCall;
    const timepoint = { height: opened.block.number, index: opened.block.index };
    const heapPages = api.tx.System!.set_heap_pages!({ pages: 64n }).decodedCall;
    const [done, root] = await Promise.all([
      inOne(acted, approve(sender, timepoint)).signAndSubmit(charlie.signer),
      api.tx.Sudo!.sudo!({ call: heapPages }).signAndSubmit(alice.signer),
    ]);
    const told = [...done.events, ...root.events].map(({ value }) => value);
    for (const type of ["ProxyExecuted", "MultisigExecuted"])
      expect(told.find((event) => event.type === type)?.value.result).toMatchObject({ success: true });
    expect(told.find(({ type }) => type === "Sudid")?.value.sudo_result).toMatchObject({ success: true });
  });

  test("follows best and final blocks", async () => {
    const numbers = await new Promise<number[]>((resolve, reject) => {
      const seen: number[] = [];
      const subscription = client.finalizedBlock$.subscribe({
        next: ({ number }) => {
          seen.push(number);
          if (seen.length < 3) return;
          subscription.unsubscribe();
          resolve(seen);
        },
        error: reject,
      });
    });
    expect(numbers).toEqual([numbers[0], numbers[0]! + 1, numbers[0]! + 2]);
  });
});
