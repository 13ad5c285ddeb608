/** The lottery among whole nodes: who makes which block, which branch stays, and what comes of making two. */
import { Keyring } from "@polkadot/keyring";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as poh from "../../pallets/poh/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { storage as staking } from "../../pallets/trainer-staking/index.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { blockAuthor } from "../../runtime/primitives/digest.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { signed, transfer, type Wallet, wallet } from "../../test/support/wallet.ts";
import type { Block } from "../chain/types.ts";
import { claimOf, sealItem, slotOf } from "../consensus/digest.ts";
import { pohKey } from "../consensus/poh-key.ts";
import { alice, bob, carol, clockMs, mai, type TestNode, testNodes } from "./testing/test-node.ts";

const slotMs = 2000;
const firstSlot = BigInt(clockMs / slotMs);
const trainers = [alice, bob, carol] as const;
const genesis = buildGenesis({
  Timestamp: { minimumPeriod: BigInt(slotMs / 2) },
  Poh: { epochLength: 12n, randomness: new Uint8Array(32).fill(4) },
  Balances: { balances: trainers.map(({ account }) => [account, 1000n * mai]) },
  ComputeScore: {
    scores: trainers.map(({ account: trainer }, i) => {
      const score = [60_000n, 30_000n, 10_000n][i];
      return { trainer, drilling: score, training: score };
    }),
  },
  TrainerStaking: {
    trainers: trainers.map(({ account }) => ({
      trainer: account,
      poh_key: account,
      gran_key: account,
      bond: 200n * mai,
    })),
  },
});

let nodes: ReturnType<typeof testNodes>;
beforeEach(() => {
  nodes = testNodes(genesis);
});
afterEach(() => nodes.close());

const trainingNodes = () => Promise.all(trainers.map((key, i) => nodes.node(`node ${i}`, "manual", [key])));

/** What a node makes for a slot, on its best block or another; undefined where no key of it may make one. */
async function make(node: TestNode, slot: bigint, parent = node.chain.best) {
  const [claim] = node.author.claims(parent, slot);
  if (!claim) return undefined;
  const { hash } = await node.author.author({ parent, claim, deadline: Number.POSITIVE_INFINITY });
  return node.block(hash);
}

async function spread(blocks: readonly Block[], to: readonly TestNode[]) {
  for (const node of to) {
    for (const block of blocks) {
      const result = await node.chain.import(block, "network");
      if (result.type === "refused") throw new Error(result.message);
    }
  }
}

/** Who made a block. */
const trainerOf = ({ header }: Block): Wallet =>
  trainers.find(({ account }) => equalBytes(account, blockAuthor(header.digest)!))!;

const eventsOf = (node: TestNode) =>
  system.Events.get({ storage: node.state() }).map(({ event }) => `${event.type}.${event.value.type}`);

test("nodes with a key each make one chain, over epochs, and agree on its head after every slot", async () => {
  const all = await trainingNodes();
  const authors = new Set<string>();
  for (let slot = firstSlot; slot < firstSlot + 40n; slot++) {
    const made = (await Promise.all(all.map((node) => make(node, slot)))).filter(
      (block) => block !== undefined,
    );
    // One was drawn, and others may have won.
    expect(made.length).toBeGreaterThan(0);
    await spread(made, all);
    const best = all.map(({ chain }) => chain.best.hash);
    expect(new Set(best).size, `slot ${slot}`).toBe(1);
    const header = all[0]!.chain.header(best[0]!)!;
    expect(slotOf(header.digest)).toBe(slot);
    authors.add(String(claimOf(header.digest)?.trainer_index));
  }
  expect(authors).toEqual(new Set(["0", "1", "2"]));
  const ctx = { storage: all[2]!.state() };
  expect(poh.currentEpoch(ctx)).toMatchObject({ index: 3n, startSlot: firstSlot + 36n });
  expect(poh.currentEpoch(ctx).randomness).not.toEqual(new Uint8Array(32).fill(4));
});

test("a pair of the keystore authors as well", async () => {
  const pair = new Keyring({ type: "sr25519" }).addFromUri("//Alice");
  const other = testNodes(
    buildGenesis({
      Timestamp: { minimumPeriod: 1000n },
      Poh: { authorities: [{ trainer: pair.publicKey, key: pair.publicKey, weight: 1n }] },
    }),
  );
  try {
    const key: Wallet = { account: pair.publicKey, ...pohKey(pair) };
    const [one, two] = [await other.node("a", "manual", [key]), await other.node("b", "manual", [])];
    for (let slot = firstSlot; slot < firstSlot + 5n; slot++) {
      await spread([(await make(one, slot))!], [two]);
    }
    expect(two.chain.best).toEqual({ ...one.chain.best, number: 5 });
  } finally {
    await other.close();
  }
});

describe("fork choice", () => {
  test("prefers more primary blocks to a longer branch, and of equals the lowest VRF output", async () => {
    const watcher = await nodes.node("watcher", "manual", []);
    const all = await trainingNodes();
    const root = watcher.chain.best;
    const found = { Primary: [] as bigint[], Secondary: [] as bigint[] };
    for (let slot = firstSlot; slot < firstSlot + 12n; slot++) {
      for (const node of all) {
        for (const { claim } of node.author.claims(root, slot)) found[claim.kind].push(slot);
      }
    }
    const winning = found.Primary.at(-1)!;
    // A branch of drawn trainers alone, as long as there are slots nobody won.
    const dull = found.Secondary.filter((slot) => !found.Primary.includes(slot) && slot < winning);
    expect(dull.length).toBeGreaterThan(1);
    const long = [];
    for (const slot of dull) {
      const made = (await Promise.all(all.map((node) => make(node, slot)))).filter(
        (block) => block !== undefined,
      );
      expect(made).toHaveLength(1);
      await spread(made, [...all, watcher]);
      long.push(...made);
    }
    expect(watcher.chain.best.number).toBe(dull.length);
    const genesisHead = { hash: watcher.chain.genesisHash, number: 0 };
    const winner = all.find((node) => node.author.claims(genesisHead, winning)[0]?.claim.kind === "Primary")!;
    const short = (await make(winner, winning, genesisHead))!;
    await spread([short], [watcher]);
    expect(watcher.chain.best.number).toBe(1);
    // It is found again after a restart, and so is its weight.
    await watcher.close();
    const again = await nodes.node("watcher", "manual", []);
    expect(again.chain.best.number).toBe(1);
    const next = all.map((node) => node.chain.best.number);
    expect(next).toContain(dull.length);
  });

  test("does not depend on the order in which blocks come", async () => {
    const all = await trainingNodes();
    const blocks = [];
    for (let slot = firstSlot; slot < firstSlot + 12n; slot++) {
      // Nobody hears of anybody: each makes a branch of its own.
      for (const node of all) blocks.push((await make(node, slot))!);
    }
    const made = blocks.filter((block) => block !== undefined);
    const [one, two] = [await nodes.node("one", "manual", []), await nodes.node("two", "manual", [])];
    await spread(made, [one]);
    const byHeight = made.toSorted((a, b) => a.header.number - b.header.number);
    await spread(
      byHeight.toReversed().toSorted((a, b) => a.header.number - b.header.number),
      [two],
    );
    expect(two.chain.best).toEqual(one.chain.best);
  });
});

describe("a slot", () => {
  test("has one block of a node, whatever is asked, and after a restart", async () => {
    const alone = testNodes();
    try {
      const one = await alone.node("a");
      const parent = one.chain.best;
      const [claim] = one.author.claims(parent, firstSlot);
      const request = { parent, claim: claim!, deadline: Number.POSITIVE_INFINITY };
      const twice = await Promise.allSettled([one.author.author(request), one.author.author(request)]);
      expect(twice.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      expect(String((twice[1] as PromiseRejectedResult).reason)).toContain(
        `for slot ${firstSlot} or a later`,
      );
      await one.close();
      const again = await alone.node("a");
      expect(again.author.claims(parent, firstSlot)).toEqual([]);
      await expect(again.author.author(request)).rejects.toThrow("a block was made here");
      // By hand it goes on with the next one, even on another branch.
      const { hash } = await again.seal({ parent: again.chain.genesisHash });
      expect(slotOf(again.chain.header(hash)!.digest)).toBe(firstSlot + 1n);
    } finally {
      await alone.close();
    }
  });

  test("is not to be had without a key of the list", async () => {
    const one = await nodes.node("a", "manual", [wallet(77)]);
    expect(one.author.claims(one.chain.best, firstSlot)).toEqual([]);
    await expect(one.seal()).rejects.toThrow("no key of this node may make a block in the 1000 slots");
  });
});

describe("a trainer that makes two blocks for one slot", () => {
  test("is reported by the author of a later block, and loses bond and weight", async () => {
    // The same key on two machines, as a careless operator has it.
    const twins = [await nodes.node("left", "manual", [alice]), await nodes.node("right", "manual", [alice])];
    const honest = await nodes.node("honest", "manual", [bob]);
    let slot = firstSlot;
    while (twins[0]!.author.claims(twins[0]!.chain.best, slot).length === 0) slot++;
    const paid = signed(carol, transfer(bob.account, mai), twins[1]!.chain, { nonce: 0 });
    await twins[1]!.submit(paid);
    const pair = [(await make(twins[0]!, slot))!, (await make(twins[1]!, slot))!];
    expect(equalBytes(hashHeader(pair[0]!.header), hashHeader(pair[1]!.header))).toBe(false);
    await spread(pair, [honest]);
    const bondOf = () => staking.Trainers.get({ storage: honest.state() }, alice.account)!.bond;
    const before = bondOf();
    const { hash } = await honest.seal();
    expect(eventsOf(honest)).toContain("Poh.EquivocationReported");
    expect(eventsOf(honest)).toContain("TrainerStaking.Slashed");
    expect(bondOf()).toBe(before - before / 20n);
    const next = poh.authorities({ storage: honest.state() }, "next");
    expect(next.find(({ trainer }) => equalBytes(trainer, alice.account))?.weight).toBe(0n);
    // Others execute it to the same state, and nobody reports it again.
    await spread([...pair, honest.block(hash)], [twins[0]!]);
    await honest.seal();
    expect(eventsOf(honest)).not.toContain("Poh.EquivocationReported");
  });

  test("is noticed even if the second block is none, but not for sealing one block twice", async () => {
    const one = await nodes.node("a", "manual", [alice, bob, carol]);
    const watcher = await nodes.node("b", "manual", []);
    const block = one.block((await one.seal()).hash);
    await spread([block], [watcher]);
    const author = trainerOf(block);
    const unsealed = { ...block.header, digest: block.header.digest.slice(0, -1) };
    const sealAgain = (header: typeof unsealed) => ({
      ...header,
      digest: [...header.digest, sealItem(author.sign(hashHeader(header)))],
    });
    await watcher.chain.import({ ...block, header: sealAgain(unsealed) }, "network");
    const ctx = { storage: watcher.state() };
    expect(watcher.equivocations.inherents(ctx)).toEqual([]);
    const liar = sealAgain({ ...unsealed, stateRoot: new Uint8Array(32).fill(1) });
    expect(await watcher.chain.import({ ...block, header: liar }, "network")).toMatchObject({
      code: "BadExecution",
    });
    expect(watcher.equivocations.inherents(ctx)).toHaveLength(1);
  });
});

test("a block whose claim is false is refused, with the reason, and leaves nothing", async () => {
  const one = await nodes.node("a", "manual", [...trainers]);
  const watcher = await nodes.node("b", "manual", []);
  // A slot whose drawn trainer did not win it as well.
  let slot = firstSlot;
  while (one.author.claims(one.chain.best, slot)[0]?.claim.kind === "Primary") slot++;
  const block = (await make(one, slot))!;
  const claim = claimOf(block.header.digest)!;
  const author = trainerOf(block);
  const resealed = (change: Partial<poh.Claim>, account = author.account, by: Wallet = author) => {
    const digest = [...poh.claimItems(account, { ...claim, ...change }), ...block.header.digest.slice(2, -1)];
    const header = { ...block.header, digest };
    return { ...block, header: { ...header, digest: [...digest, sealItem(by.sign(hashHeader(header)))] } };
  };
  const place = (claim.trainer_index + 1) % 3;
  const next = poh.authorities({ storage: one.state() })[place]!;
  const other = trainers.find(({ account }) => equalBytes(account, next.trainer))!;
  const cases: [ReturnType<typeof resealed>, string][] = [
    [resealed({ kind: "Primary" }), "wins nothing"],
    [resealed({ trainer_index: 3 }), "has 3 trainers"],
    [resealed({ trainer_index: place }, other.account, other), "secondary author of slot"],
    [resealed({ vrf_output: new Uint8Array(32) }), "not that of its author's key"],
    [resealed({ vrf_proof: new Uint8Array(64) }), "not that of its author's key"],
    [resealed({}, author.account, other), "its seal is not"],
    [resealed({}, other.account), "is not the trainer in place"],
  ];
  for (const [bad, reason] of cases) {
    const result = await watcher.chain.import(bad, "network");
    expect(result).toMatchObject({ code: "BadConsensus", message: expect.stringContaining(reason) });
    expect(watcher.chain.header(result.hash)).toBeUndefined();
  }
  expect(watcher.chain.best.number).toBe(0);
  expect(await watcher.chain.import(block, "network")).toMatchObject({ type: "imported" });
});
