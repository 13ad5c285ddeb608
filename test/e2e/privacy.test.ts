/**
 * Orders that are nobody's business: data, results and validation data are sealed, and each party has what it needs when it
 * needs it; who keeps a key to itself, or gives something else, is found out, and pays as the states say.
 */
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storage as machines } from "../../pallets/machines/index.ts";
import { storage as marketplace } from "../../pallets/marketplace/index.ts";
import { textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import type { Due } from "../../trainer/buyer/due.ts";
import { type Signer, signerOf } from "../../trainer/client/signer.ts";
import { checkpointFile, maxProofBytes, Package } from "../../trainer/proof/package.ts";
import { encodeReleased } from "../../trainer/proof/released-validation.ts";
import { Bundle } from "../../trainer/storage/bundle.ts";
import { type SealKeys, sealKeys } from "../../trainer/storage/sealed.ts";
import { unsealFile } from "../../trainer/storage/sealed-file.ts";
import { openStore } from "../../trainer/storage/store.ts";
import { AgentsChain } from "./agents/agents-chain.ts";
import { Chronicle } from "./agents/chronicle.ts";
import { type Honest, hireable, honest } from "./agents/honest.ts";
import { placeOrder } from "./agents/place-order.ts";
import { keep, type SealedOrder, sealedOrder } from "./agents/sealed-order.ts";
import { type Deeds, endings, rowsOf } from "./attacks/endings.ts";

const machine = hireable(1);
const mai = 10n ** 12n;

let world: AgentsChain;
let chronicle: Chronicle;
let trainer: Honest;
let inspectors: Honest[];
let trainerAccount: Uint8Array;
/** What buyers do with their keys and their validation data; `whole` is one that gives all that it is to give. */
type Deed = "silent" | "lying" | "divisive" | "sparing" | "forgetful" | "mistaken" | "whole";
/** All under way at once. */
let orders: Readonly<Record<Deed, Placed>>;
/** What its first agents have said; another takes over from each. */
const said: string[] = [];

beforeAll(async () => {
  world = await AgentsChain.open(4, { releaseWindow: 60 });
  chronicle = new Chronicle(world.chain);
  trainerAccount = (await signerOf("//Alice")).account;
  trainer = await honest(world, "Alice", { machine });
  inspectors = await Promise.all(["Bob", "Charlie", "Dave"].map((name) => honest(world, name)));
  await world.until(async () => {
    const found = await world.chain.read(machines.Machines, [machine.id]);
    const offer = await world.chain.read(marketplace.Offers, [machine.id]);
    return found?.state === "Available" && offer ? true : undefined;
  });
  orders = {
    silent: await place("Eve", () => undefined, { train_within: 160 }),
    lying: await place("Eve", (due) => (isForTrainer(due) ? spoilt(due) : due)),
    whole: await place("Ferdie"),
    forgetful: await place("Ferdie", (due) => (due.to === undefined ? undefined : due)),
    divisive: await place("Eve", toOne(spoilt)),
    sparing: await place(
      "Eve",
      toOne(() => undefined),
    ),
    mistaken: await place("Ferdie", (due) => (due.to === undefined ? elsewhere(due) : due)),
  };
});
afterAll(async () => {
  await Promise.all([trainer, ...(inspectors ?? [])].map((agent) => agent?.close()));
  await chronicle?.close();
  await world?.close();
});

interface Placed extends SealedOrder {
  readonly id: number;
  readonly buyer: Signer;
  readonly kept: Promise<void>;
}

/** An order of a buyer of its own, so that its money can be told apart. */
async function place(
  name: string,
  change: (due: Due) => Due | undefined = (due) => due,
  terms: Partial<SealedOrder["spec"]> = {},
): Promise<Placed> {
  const buyer = await signerOf(`//${name}`);
  const order = await sealedOrder(world, machine.id, 1);
  const id = await placeOrder(world.chain, buyer, { ...order.spec, ...terms });
  return { ...order, id, buyer, kept: keep(world, buyer, id, order.secrets, change) };
}

/** How an order ends, once its buyer has stopped to see to it. */
async function endOf({ id, kept }: Placed) {
  const ended = await chronicle.ended(id);
  await kept;
  return ended;
}

/** What was taken from anybody for an order. */
const slashesOf = (order: number) =>
  chronicle.events.flatMap(({ name, fields }) =>
    name === "TrainerStaking.Slashed" && fields.subject.type === "Order" && fields.subject.value === order
      ? [fields]
      : [],
  );

const rulesOf = (order: number): Set<string> =>
  new Set(
    chronicle
      .of(order, "ProofOfTraining.VerdictRevealed")
      .flatMap(({ fields }) => fields.verdict.findings.map(({ rule }: { rule: string }) => rule)),
  );
const isForTrainer = ({ to, what }: Due) =>
  to !== undefined && toHex(to) === toHex(trainerAccount) && what === "the key of the training data";

/** Does something else with the key of the data for the first of the inspectors. */
function toOne(change: (due: Due) => Due | undefined): (due: Due) => Due | undefined {
  let one: string | undefined;
  return (due) => {
    if (due.what !== "the key of the training data" || due.to === undefined || isForTrainer(due)) return due;
    one ??= toHex(due.to);
    return one === toHex(due.to) ? change(due) : due;
  };
}

/** The same, with an address at which there is something else. */
function elsewhere(due: Due): Due {
  const { call } = due;
  if (call.type !== "ProofOfTraining" || call.value.type !== "release_validation")
    throw new Error("no address");
  const other = encodeReleased({ version: 1, format: "idx", uri: "file:other.idx", subtract: 0, divide: 1 });
  writeFileSync(join(world.storage, "other.json"), other);
  writeFileSync(join(world.storage, "other.idx"), "no numbers");
  const value = { ...call.value.value, uri: textBytes("file:other.json") };
  return { ...due, call: { type: "ProofOfTraining", value: { type: "release_validation", value } } };
}

/** The same, with something else for the key. */
function spoilt(due: Due): Due {
  const { call } = due;
  if (call.type !== "ProofOfTraining" || call.value.type !== "release_key") throw new Error("no key");
  const value = { ...call.value.value, key: new Uint8Array(80).fill(7) };
  return { ...due, call: { type: "ProofOfTraining", value: { type: "release_key", value } } };
}

/** Ends the trainer's agent when it has handed in the proof of an order. */
async function leave({ id }: Placed): Promise<void> {
  await chronicle.first(id, "ProofOfTraining.ProofSubmitted");
  await trainer.close();
  said.push(...trainer.lines);
}

test("a trainer that was restarted in between hands out its package's key, and all inspect and are paid", async () => {
  const { whole } = orders;
  await leave(whole);
  trainer = await honest(world, "Alice", { machine });
  expect((await endOf(whole)).outcome).toBe("Completed");
  expect(rulesOf(whole.id)).toContain("Rule1");
  expect(chronicle.of(whole.id, "ProofOfTraining.KeyReleased")).toHaveLength(1 + 3 * 3);
  const handed = (lines: readonly string[]) =>
    lines.filter((line) => line.includes(`handed out a key {"order":${whole.id},`)).length;
  // None twice, whichever agent it was.
  expect(handed(said) + handed(trainer.lines)).toBe(3);
});

test("what everybody may read of an order holds nothing of it, and only its buyer opens the model", async () => {
  const order = orders.whole;
  const { value: submitted } = (await chronicle.first(order.id, "ProofOfTraining.ProofSubmitted")).submission;
  const store = openStore({ files: { root: world.storage } });
  const uri = Buffer.from(submitted.uri).toString();
  const opened = (keys: SealKeys) => Bundle.open(store, uri, join(order.folder, "index"), { keys });
  const bundle = await opened(order.secrets.results!);
  await bundle.fetch("proof.json", join(order.folder, "proof.json"), maxProofBytes);
  const { links } = await new Package(order.folder).proof();
  const { last } = (await world.chain.read(marketplace.Ended, [order.id]))!;
  expect(links.at(-1)!.link).toBe(toHex(last!.link));
  const model = join(order.folder, "model.safetensors");
  await bundle.fetch(checkpointFile(last!.index), model, 1 << 24);

  const stranger = sealKeys();
  await expect(opened(stranger)).rejects.toMatchObject({ code: "BadSeal" });
  const data = join(world.storage, order.manifest.training.uri.slice("file:".length));
  await expect(unsealFile(data, join(order.folder, "x"), stranger)).rejects.toMatchObject({
    code: "BadSeal",
  });
  await store.close();

  const read = (file: string) => readFileSync(join(order.folder, file));
  const secretKey = Buffer.from(order.secrets.training!.secretKey);
  const secrets = [
    read("digits-1-train-images.idx").subarray(216, 516),
    read("digits-1-train-labels.idx").subarray(8, 40),
    read("digits-1-test-images.idx").subarray(216, 516),
    read("digits-1-test-labels.idx").subarray(8, 40),
    readFileSync(model).subarray(-64),
    secretKey,
    Buffer.from(secretKey.toString("hex")),
  ];
  for (const secret of secrets) expect(new Set(secret).size, "something to look for").toBeGreaterThan(5);
  const files = globSync("**/*", { cwd: world.storage }).map((file) => join(world.storage, file));
  for (const file of files.filter((file) => statSync(file).isFile())) {
    const bytes = readFileSync(file);
    for (const secret of secrets) expect(bytes.includes(secret), file).toBe(false);
  }
});

/** Of the buyers' deeds, whose orders are under way since the beginning: which order it is. */
const unmeasured: Deeds<typeof endings.unmeasured, Deed> = {
  "releases no validation data once the proof is handed in": "forgetful",
  "releases an address at which no validation data is": "mistaken",
};

test.each(rowsOf(unmeasured))("a buyer %s, and gets a model that is not measured by it", async (_, deed) => {
  const order = orders[deed];
  expect((await endOf(order)).outcome).toBe(endings.unmeasured.ends);
  expect(rulesOf(order.id)).not.toContain("Rule1");
  expect(rulesOf(order.id)).toContain("ReExecution");
});

const spoiltForOne: Deeds<typeof endings.spoiltForOne, Deed> = {
  "gives one inspector another key than that of its sealed data": "divisive",
};

test.each(rowsOf(spoiltForOne))(
  "a buyer %s, is seen by all of them, and pays for the work",
  async (_, deed) => {
    const { id, ...order } = orders[deed];
    expect((await endOf({ id, ...order })).outcome).toBe(endings.spoiltForOne.ends);
    expect(await chronicle.first(id, "ProofOfTraining.FaultFound")).toMatchObject({
      fault: "KeyWithheld",
      votes: 3,
    });
    const { price } = await chronicle.first(id, "Marketplace.OrderPlaced");
    const { paid, burned } = await chronicle.first(id, "Marketplace.OrderFaulted");
    expect(paid + burned).toBe(price);
  },
);

const keptFromOne: Deeds<typeof endings.keptFromOne, Deed> = {
  "keeps the key of its sealed data from one inspector": "sparing",
};

test.each(rowsOf(keptFromOne))("a buyer %s, which loses nothing, and the others judge", async (_, deed) => {
  const { id, ...order } = orders[deed];
  const { outcome, fields } = await endOf({ id, ...order });
  expect(outcome).toBe(endings.keptFromOne.ends);
  expect(fields).toMatchObject({ inspection: 2n * mai, refunded: mai });
  const said = chronicle.of(id, "ProofOfTraining.VerdictRevealed").map(({ fields: { verdict } }) => verdict);
  expect(said.map(({ ruling, fault }) => fault ?? ruling).toSorted()).toEqual([
    "Accepted",
    "Accepted",
    "KeyWithheld",
  ]);
  expect(slashesOf(id)).toEqual([]);
});

const keptFromTrainer: Deeds<typeof endings.keptFromTrainer, Deed> = {
  "keeps the key of its sealed data from its trainer": "silent",
  "gives its trainer another key than that of its sealed data": "lying",
};

test.each(rowsOf(keptFromTrainer))(
  "a buyer %s, is found at fault, and pays the inspectors",
  async (_, deed) => {
    const { id, ...order } = orders[deed];
    expect((await endOf({ id, ...order })).outcome).toBe(endings.keptFromTrainer.ends);
    expect(await chronicle.first(id, "ProofOfTraining.FaultFound")).toMatchObject({
      fault: "KeyWithheld",
      votes: 3,
    });
    const { price, spec } = await chronicle.first(id, "Marketplace.OrderPlaced");
    expect(spec.inspection_fee).toBe(3n * mai);
    const end = { paid: 0n, inspection: 3n * mai, refunded: price };
    expect(await chronicle.first(id, "Marketplace.OrderFaulted")).toMatchObject(end);
    expect(slashesOf(id)).toEqual([]);
  },
);

/** How a trainer's package comes to be shut: it is away, or what it stored opens with no key. */
const packageShut: Deeds<typeof endings.packageShut, (order: Placed) => Promise<void>> = {
  "keeps the key of its sealed package from its inspectors": leave,
  "hands in a package that its buyer could not open": async ({ id }) => {
    await world.until(
      async () => trainer.lines.some((line) => line.startsWith(`Alice stored {"order":${id},`)) || undefined,
    );
    const [file] = globSync(join(world.storage, "packages", `*-order-${id}`, "index.json"));
    const index = JSON.parse(readFileSync(file!, "utf8"));
    index.seal.recipients[0].envelope = toHex(new Uint8Array(80).fill(7));
    writeFileSync(file!, JSON.stringify(index));
  },
};

test.each(rowsOf(packageShut))("a trainer %s, and loses its bond", async (_, act) => {
  const order = await place("Ferdie");
  await act(order);
  const { outcome, fields } = await endOf(order);
  expect(outcome).toBe(endings.packageShut.ends);
  const { bond } = await chronicle.first(order.id, "Marketplace.OrderAccepted");
  expect(fields).toMatchObject({ to_buyer: bond / 2n });
  expect(slashesOf(order.id)).toMatchObject([
    { trainer: trainerAccount, reason: "ProofRejected", amount: bond },
  ]);
  expect(await chronicle.first(order.id, "ProofOfTraining.ProofRejected")).toMatchObject({
    rule: "Package",
    votes: 3,
  });
  // Whoever left comes back.
  await trainer.close();
  trainer = await honest(world, "Alice", { machine });
});

test("of orders that are over the chain keeps no keys", async () => {
  const prefix = toHex(marketplace.ReleasedKeys.key());
  await world.until(async () => {
    const keys = await world.chain.request<string[]>("state_getKeysPaged", prefix, 10);
    return keys.length === 0 || undefined;
  });
});
