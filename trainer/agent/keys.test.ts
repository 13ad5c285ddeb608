/** What agents make of keys on the chain: of a real state, which the calls themselves have made. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type KeyPurpose, storage as marketplace, type OrderSpec } from "../../pallets/marketplace/index.ts";
import {
  acceptDirect,
  accepts,
  awaitDraw,
  buyer,
  judge,
  market,
  noop,
  ok,
  panel,
  potCall,
  proof,
  rejects,
  toBlock,
  train,
  trainer,
} from "../../pallets/marketplace/testing/market.ts";
import { storage as proofs } from "../../pallets/proof-of-training/index.ts";
import { blockNumber } from "../../pallets/system/index.ts";
import { storage as staking } from "../../pallets/trainer-staking/index.ts";
import type { TestChain } from "../../runtime/frame/testing/expectations.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { sealOrderKey } from "../job/order-keys.ts";
import type { Manifest } from "../proof/manifest.ts";
import { encodeReleased } from "../proof/released-validation.ts";
import { type SealKeys, sealKeys } from "../storage/sealed.ts";
import { openStore, type Store } from "../storage/store.ts";
import type { Agent } from "./agent-context.ts";
import { givenKey } from "./given-keys.ts";
import { packageKeys } from "./handing-in.ts";
import { handoutDuty } from "./handing-out.ts";
import {
  inspectedDataKeys,
  inspectedPackageKeys,
  inspectedRelease,
  wasTrainerGiven,
} from "./inspection-keys.ts";
import { canJudge } from "./panel-keys.ts";
import { openSealingKey, sealingDuty } from "./sealing-key.ts";
import { trainingKeys } from "./training-keys.ts";

const own = (i: number): SealKeys => sealKeys(new Uint8Array(32).fill(0x40 + i));
const data = sealKeys(new Uint8Array(32).fill(1));
const validation = sealKeys(new Uint8Array(32).fill(2));
const pack = sealKeys(new Uint8Array(32).fill(3));
const hex = ({ publicKey }: SealKeys) => toHex(new Uint8Array(publicKey));
const manifest = { training: { sealed: hex(data) } } as Manifest;
const signal = new AbortController().signal;
const released = "file:released.json";

let folder: string;
let store: Store;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-keys-"));
  store = openStore({ files: { root: folder } });
  const source = { format: "idx", uri: "file:x", subtract: 0, divide: 1 } as const;
  const described = encodeReleased({ version: 1, ...source, sealed: hex(validation) as `0x${string}` });
  writeFileSync(join(folder, "released.json"), described);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

let chain: TestChain;
/** Calls that agents have sent; they are made at once. */
let sent: RuntimeCall[];
beforeEach(() => {
  chain = market(10);
  sent = [];
  for (let i = 0; i < 10; i++)
    staking.SealingKeys.set(chain.ctx, trainer(i), new Uint8Array(own(i).publicKey));
});

/** The agent of a trainer, as far as keys go; the chain that it asks is the state of the test. */
function agentOf(i: number, { keys = own(i), journal = new Map<string, unknown>() } = {}): Agent {
  type Item = { get(ctx: unknown, ...keys: unknown[]): unknown };
  return {
    account: trainer(i),
    sealing: keys,
    options: { folder },
    store,
    log: { info: () => undefined, warn: () => undefined },
    journal: { get: async (key: string) => journal.get(key) },
    chain: { read: async (item: Item, args: unknown[]) => item.get(chain.ctx, ...args) },
    send: async (call: RuntimeCall) => {
      sent.push(call);
      ok(chain, trainer(i), call);
      return { block: { number: blockNumber(chain.ctx) } };
    },
  } as unknown as Agent;
}

const numberOf = (who: Uint8Array): number => who[0]! - 1;
const orderAt = (id: number) => marketplace.Orders.get(chain.ctx, id)!;
const proceeding = (id: number) => ({
  id,
  order: orderAt(id),
  inspection: proofs.Inspections.get(chain.ctx, id)!,
});
const garbage = new Uint8Array(80).fill(7);

function give(order: number, to: Uint8Array, purpose: KeyPurpose, keys: SealKeys | "garbage"): void {
  const key =
    keys === "garbage" ? garbage : sealOrderKey({ order, purpose }, keys, own(numberOf(to)).publicKey);
  const call = potCall("release_key", { order, to, purpose, key });
  ok(chain, purpose === "Package" ? trainer(0) : buyer, call);
}

/** A sealed order whose inspectors are drawn. */
function drawn(more: Partial<OrderSpec> = {}): { readonly id: number; readonly seated: readonly number[] } {
  const id = train(chain, more);
  give(id, trainer(0), "TrainingData", data);
  ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
  awaitDraw(chain);
  return { id, seated: panel(chain.ctx, id).map(numberOf) };
}
const recipient = new Uint8Array(own(99).publicKey);
const everything = { recipient, validation: "Released" } as const;

test("the sealing key is made once, for its owner alone, and told to the chain once", async () => {
  const place = mkdtempSync(join(folder, "own-"));
  const keys = openSealingKey(place);
  expect(hex(openSealingKey(place))).toBe(hex(keys));
  expect(statSync(join(place, "sealing-key")).mode & 0o777).toBe(0o600);
  const agent = agentOf(3, { keys });
  await (await sealingDuty(agent, ""))?.run({ signal, failures: 0, block: 1 });
  expect(staking.SealingKeys.get(chain.ctx, trainer(3))).toEqual(new Uint8Array(keys.publicKey));
  expect(await sealingDuty(agent, "")).toBeUndefined();
  writeFileSync(join(place, "sealing-key"), "0x00");
  expect(() => openSealingKey(place)).toThrow(/holds no key/);
  const nowhere = expect.objectContaining({
    code: "Journal",
    message: expect.stringMatching(/cannot be made/),
  });
  expect(() => openSealingKey(join(place, "nowhere"))).toThrow(nowhere);
});

describe("the key of the data", () => {
  test("is what was given, nothing, or no key; another sealing key in the folder is nobody's fault", async () => {
    const id = acceptDirect(chain);
    const { deal } = orderAt(id);
    const look = (agent: Agent) => givenKey(agent, id, "TrainingData", deal!.sealing_key);
    expect(await look(agentOf(0))).toEqual({ type: "none" });
    give(id, trainer(0), "TrainingData", data);
    expect(await look(agentOf(0))).toMatchObject({ type: "key" });
    await expect(look(agentOf(0, { keys: own(50) }))).rejects.toMatchObject({ code: "OpeningLost" });
    const other = acceptDirect(chain);
    give(other, trainer(0), "TrainingData", "garbage");
    expect(await givenKey(agentOf(0), other, "TrainingData", deal!.sealing_key)).toEqual({ type: "garbage" });
  });

  test("is waited for as long as the chain and the deadline allow, and no longer", async () => {
    const id = acceptDirect(chain);
    const look = (block: number) => trainingKeys(agentOf(0), id, orderAt(id), manifest, block);
    const { deadline, deal } = orderAt(id);
    let block = deal!.accepted;
    while ((await look(block).catch(() => "claims")) === "waits") block++;
    expect(block).toBeGreaterThan((deal!.accepted + deadline) / 2);
    expect(block).toBeLessThan(deadline - 5);
    await expect(look(block)).rejects.toMatchObject({ code: "KeyWithheld" });
    toBlock(chain, block);
    const claim = potCall("submit_proof", { order: id, package: { type: "Fault", value: "KeyWithheld" } });
    ok(chain, trainer(0), claim);
  });

  test("is claimed as withheld at once where another was given, and taken where it is right", async () => {
    const look = (id: number) => trainingKeys(agentOf(0), id, orderAt(id), manifest, blockNumber(chain.ctx));
    for (const wrong of ["garbage", validation] as const) {
      const id = acceptDirect(chain);
      expect(await look(id)).toBe("waits");
      give(id, trainer(0), "TrainingData", wrong);
      await expect(look(id)).rejects.toMatchObject({ code: "KeyWithheld" });
    }
    const id = acceptDirect(chain);
    give(id, trainer(0), "TrainingData", data);
    expect(hex((await look(id)) as SealKeys)).toBe(hex(data));
    const open = { training: {} } as Manifest;
    expect(await trainingKeys(agentOf(0), id, orderAt(id), open, 1)).toBeUndefined();
  });
});

describe("a panel judges", () => {
  const ready = (id: number, i: number, block = blockNumber(chain.ctx)) =>
    canJudge(agentOf(i), id, orderAt(id), proceeding(id).inspection, { folder, block, signal });

  test("at once where nothing is sealed", async () => {
    const id = train(chain);
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: proof }));
    awaitDraw(chain);
    expect(await ready(id, 5)).toBe(true);
  });

  test("when all of it has all keys, or none comes any more", async () => {
    const { id, seated } = drawn(everything);
    const [one] = seated as [number];
    for (const purpose of ["TrainingData", "Package", "ValidationData"] as const)
      for (const i of seated) {
        expect(await ready(id, one)).toBe(false);
        give(
          id,
          trainer(i),
          purpose,
          { TrainingData: data, Package: pack, ValidationData: validation }[purpose],
        );
      }
    expect(await ready(id, one)).toBe(false);
    ok(chain, buyer, potCall("release_validation", { order: id, uri: textBytes(released) }));
    expect(await ready(id, one)).toBe(true);
    const silent = drawn(everything);
    const { keys_by } = proceeding(silent.id).inspection;
    expect(await ready(silent.id, silent.seated[0]!, keys_by)).toBe(false);
    expect(await ready(silent.id, silent.seated[0]!, keys_by! + 1)).toBe(true);
  });

  test("and waits where what was released is not there yet", async () => {
    const { id, seated } = drawn({ validation: "Released" });
    for (const i of seated) give(id, trainer(i), "TrainingData", data);
    ok(chain, buyer, potCall("release_validation", { order: id, uri: textBytes("file:nowhere.json") }));
    expect(await ready(id, seated[0]!)).toBe(false);
  });
});

describe("all of a panel see", () => {
  const sees = async <T>(seated: readonly number[], look: (agent: Agent) => Promise<T>) =>
    Promise.all(
      seated.map((i) =>
        look(agentOf(i)).then(
          (found) => (found === undefined ? "nothing" : "keys"),
          (error) => error.code,
        ),
      ),
    );

  test("that a buyer gave one of them another key for its data; one that has none says so", async () => {
    const { id, seated } = drawn();
    const [one, two, three] = seated as [number, number, number];
    const look = () => sees(seated, (agent) => inspectedDataKeys(agent, proceeding(id), manifest));
    expect(await wasTrainerGiven(agentOf(one), proceeding(id))).toBe(true);
    give(id, trainer(one), "TrainingData", data);
    give(id, trainer(two), "TrainingData", data);
    expect(await look()).toEqual(["keys", "keys", "KeyWithheld"]);
    give(id, trainer(three), "TrainingData", validation);
    expect(await look()).toEqual(["KeyWithheld", "KeyWithheld", "KeyWithheld"]);
  });

  test("that a buyer gave its trainer another key, once that claims so", async () => {
    const id = acceptDirect(chain);
    give(id, trainer(0), "TrainingData", "garbage");
    const claim = { type: "Fault", value: "KeyWithheld" } as const;
    ok(chain, trainer(0), potCall("submit_proof", { order: id, package: claim }));
    const honest = acceptDirect(chain);
    give(honest, trainer(0), "TrainingData", data);
    ok(chain, trainer(0), potCall("submit_proof", { order: honest, package: claim }));
    awaitDraw(chain);
    for (const [order, found] of [
      [id, "KeyWithheld"],
      [honest, "keys"],
    ] as const) {
      const seated = panel(chain.ctx, order).map(numberOf);
      for (const i of seated) give(order, trainer(i), "TrainingData", data);
      const seen = await sees(seated, (agent) => inspectedDataKeys(agent, proceeding(order), manifest));
      expect(seen).toEqual([found, found, found]);
    }
  });

  test("that a trainer gave one of them another key for its package; one that has none says so", async () => {
    const { id, seated } = drawn({ recipient });
    const [one, two, three] = seated as [number, number, number];
    const look = () => sees(seated, (agent) => inspectedPackageKeys(agent, proceeding(id)));
    give(id, trainer(one), "Package", pack);
    give(id, trainer(two), "Package", pack);
    expect(await look()).toEqual(["keys", "keys", "nothing"]);
    give(id, trainer(three), "Package", "garbage");
    expect(await look()).toEqual(["nothing", "nothing", "nothing"]);
  });

  test("no validation data until all have its key, and say so of data that is elsewhere", async () => {
    const { id, seated } = drawn({ validation: "Released" });
    const cache = (agent: Agent) => join(folder, `cache-${agent.account[0]}`);
    const look = () => sees(seated, (agent) => inspectedRelease(agent, proceeding(id), cache(agent), signal));
    expect(await look()).toEqual(["nothing", "nothing", "nothing"]);
    ok(chain, buyer, potCall("release_validation", { order: id, uri: textBytes(released) }));
    for (const i of seated.slice(1)) give(id, trainer(i), "ValidationData", validation);
    expect(await look()).toEqual(["nothing", "nothing", "nothing"]);
    give(id, trainer(seated[0]!), "ValidationData", validation);
    expect(await look()).toEqual(["keys", "keys", "keys"]);
    const other = drawn({ validation: "Released" });
    ok(chain, buyer, potCall("release_validation", { order: other.id, uri: Uint8Array.of(0xff) }));
    const found = await sees(other.seated, (agent) =>
      inspectedRelease(agent, proceeding(other.id), cache(agent), signal),
    );
    expect(found).toEqual(["BadManifest", "BadManifest", "BadManifest"]);
  });
});

describe("the key of a package", () => {
  const hold = (id: number) =>
    agentOf(0, {
      journal: new Map([
        [packageKeys(id).whole, { hash: "", uri: "", key: toHex(new Uint8Array(pack.secretKey)) }],
      ]),
    });
  const duty = (agent: Agent, id: number) => handoutDuty(agent, id, orderAt(id), "");
  const context = () => ({ signal, failures: 0, block: blockNumber(chain.ctx) });

  test("is handed to each inspector of each round, once, whatever was handed out before", async () => {
    const { id, seated } = drawn({ recipient });
    give(id, trainer(seated[1]!), "Package", pack);
    const agent = hold(id);
    await (await duty(agent, id))!.run(context());
    expect(sent).toMatchObject([{ type: "Utility", value: { type: "batch_all" } }]);
    for (const i of seated)
      expect(hex((await inspectedPackageKeys(agentOf(i), proceeding(id)))!)).toBe(hex(pack));
    expect(await duty(agent, id)).toBeUndefined();
    judge(chain, id, [accepts, rejects, undefined]);
    while (
      panel(chain.ctx, id).some((who) => seated.includes(numberOf(who))) ||
      panel(chain.ctx, id).length === 0
    )
      awaitDraw(chain);
    await (await duty(agent, id))!.run(context());
    for (const who of panel(chain.ctx, id))
      expect(marketplace.ReleasedKeys.exists(chain.ctx, id, who, "Package")).toBe(true);
  });

  test("goes to nobody where nothing is sealed, nothing was proved, or time is over", async () => {
    const open = drawn();
    expect(await duty(hold(open.id), open.id)).toBeUndefined();
    const claimed = acceptDirect(chain, { recipient });
    give(claimed, trainer(0), "TrainingData", "garbage");
    const claim = { type: "Fault", value: "KeyWithheld" } as const;
    ok(chain, trainer(0), potCall("submit_proof", { order: claimed, package: claim }));
    awaitDraw(chain);
    expect(await duty(hold(claimed), claimed)).toBeUndefined();
    const { id, seated } = drawn({ recipient });
    const late = (await duty(hold(id), id))!;
    toBlock(chain, proceeding(id).inspection.keys_by! + 1);
    expect(await late.run(context())).toBeUndefined();
    noop(
      chain,
      trainer(0),
      potCall("release_key", { order: id, to: trainer(seated[0]!), purpose: "Package", key: garbage }),
      "ProofOfTraining.ReleaseTooLate",
    );
    expect(sent).toEqual([]);
  });

  test("that is lost is told; the trainer itself reads its package with the one in its journal", async () => {
    const { id } = drawn({ recipient });
    await expect((await duty(agentOf(0), id))!.run(context())).rejects.toMatchObject({ code: "OpeningLost" });
    expect(hex((await inspectedPackageKeys(hold(id), proceeding(id)))!)).toBe(hex(pack));
  });
});
