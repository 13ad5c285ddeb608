/** What is stored while a training goes on: seldom enough, whole at every moment, and never twice. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { fromHex } from "../../runtime/primitives/bytes.ts";
import type { Link } from "../proof/chain.ts";
import { checkpointFile, lossFile, Package, stateFile } from "../proof/package.ts";
import { Bundle } from "../storage/bundle.ts";
import { sealKeys } from "../storage/sealed.ts";
import { openStore, type Store } from "../storage/store.ts";
import type { Agent } from "./agent-context.ts";
import { type Anchoring, anchorPlan } from "./anchoring.ts";
import { packageFolder, storePackage } from "./handing-in.ts";
import { Storing, storePlan } from "./storing.ts";
import { Turns } from "./turns.ts";

const folders: string[] = [];
const never = new AbortController().signal;
const buyer = sealKeys();
const order = 7;
const last = 4;
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

test("no more than a part of a training is lost where anchors are as near, and no more is stored than that takes", () => {
  const job = fc.record({
    every: fc.integer({ min: 1, max: 500 }),
    checkpoints: fc.integer({ min: 12, max: 2_000 }),
    parts: fc.integer({ min: 1, max: 20 }),
  });
  fc.assert(
    fc.property(job, ({ every, checkpoints, parts }) => {
      const steps = every * checkpoints;
      const stepOf = (index: number) => Math.min(index * every, steps);
      const anchored = anchorPlan({ steps, checkpoints }, stepOf);
      const plan = [...storePlan(anchored, stepOf, parts)];
      const ends = [0, ...plan, checkpoints].map(stepOf);
      const gaps = ends.slice(1).map((step, i) => step - ends[i]!);
      const widest = Math.max(
        ...[...anchored].map((index, i, all) => stepOf(all[i + 1] ?? index) - stepOf(index)),
      );
      expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.max(Math.ceil(steps / parts), widest));
      // Two neighbours together are more than a part, or one of them would do.
      for (const [i, gap] of gaps.slice(1).entries()) expect(gap + gaps[i]!).toBeGreaterThan(steps / parts);
      for (const index of plan) expect(anchored.has(index) && index > 0 && index < checkpoints).toBe(true);
    }),
  );
  expect(storePlan(new Set([0, 1, 2, 3]), (index) => index, 0)).toEqual(new Set());
});

/** An agent with all but a chain; `put` comes in between when something is stored. */
function agentIn(folder: string, put: (store: Store, ...given: Parameters<Store["put"]>) => Promise<string>) {
  const rows: Map<string, unknown> = new Map();
  const store = openStore({ files: { root: folder } });
  const warnings: string[] = [];
  const agent = {
    options: { folder: join(folder, "work"), packages: "file:packages" },
    chainId: "abcd",
    store: { ...store, put: (...given: Parameters<Store["put"]>) => put(store, ...given) },
    journal: {
      get: async (key: string) => rows.get(key),
      put: async (key: string, value: unknown) => void rows.set(key, structuredClone(value)),
    },
    log: { info: () => undefined, warn: (text: string) => warnings.push(text) },
    uploads: new Turns(),
  } as unknown as Agent;
  return { agent, store, warnings };
}

/** A training that has come to its last checkpoint; what is in its files matters to nobody here. */
async function trained(agent: Agent): Promise<Link[]> {
  const target = new Package(packageFolder(agent, order));
  const hash = `0x${"11".repeat(32)}` as const;
  const links = Array.from({ length: last + 1 }, (_, index) => ({
    index,
    step: index * 10,
    checkpoint: hash,
    states: [],
    samples: hash,
    loss: 1,
    link: hash,
  }));
  const identity = { order, trainer: hash, randomness: hash };
  for (const { index } of links) {
    await target.writeCheckpoint(index, new Uint8Array(1_000).fill(index));
    await target.writeLosses(index, { steps: new Float32Array(1), samples: new Float32Array(1) });
  }
  await target.writeProof({
    version: 1,
    identity,
    manifest: hash,
    program: hash,
    determinism: "any",
    runtime: "none",
    links,
  });
  writeFileSync(join(target.folder, "manifest.json"), "{}");
  return links;
}

/** Anchors in the order in which a test says so, and what is told. */
function anchors() {
  const told: string[] = [];
  let heard: (link: Link) => void = () => undefined;
  const anchoring = {
    listen: (hear: typeof heard) => {
      heard = hear;
    },
    say: ({ uri }: { uri: string }, when: string) => void told.push(`${uri} ${when}`),
  } as unknown as Anchoring;
  return { anchoring, told, anchored: (link: Link) => heard(link) };
}

const open = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), "matrixai-storing-")));
  return folders.at(-1)!;
};
const plan = new Set([1, 2, 3]);
const early = "anchored.json";
const whole = "index.json";
const addressOf = (index: string) => `file:packages/abcd-order-7/${index}`;
const uri = addressOf(early);
const begin = async (agent: Agent, { anchoring }: ReturnType<typeof anchors>, signal = never) => {
  const storing = new Storing(agent, order, buyer.publicKey, signal);
  await storing.follow(anchoring, plan);
  return storing;
};

/** Checkpoints that a buyer can have by an index, each opened with its key. */
async function stored(store: Store, folder: string, name = early): Promise<number[]> {
  const at = (name: string) => join(folder, "fetched", name);
  if (!existsSync(join(folder, "packages/abcd-order-7", name))) return [];
  const bundle = await Bundle.open(store, addressOf(name), at(name), { keys: buyer });
  for (const name of bundle.names) await bundle.fetch(name, at(name), 1 << 20);
  const { links } = JSON.parse(readFileSync(at("proof.json"), "utf8"));
  const found = links.flatMap(({ index }: Link) =>
    bundle.names.includes(checkpointFile(index)) ? [index] : [],
  );
  for (const index of found) {
    expect(bundle.names).toContain(lossFile(index));
    expect(readFileSync(at(checkpointFile(index)))).toEqual(Buffer.alloc(1_000, index));
  }
  return found;
}

const handIn = (agent: Agent, states: readonly string[] = []) => {
  const folder = packageFolder(agent, order);
  const files = Array.from({ length: last + 1 }, (_, i) => [checkpointFile(i), lossFile(i)]).flat();
  const paths = ["manifest.json", ...files, ...states].map((name) => join(folder, name));
  const proof = join(folder, "proof.json");
  const recipient = new Uint8Array(buyer.publicKey);
  return storePackage(
    agent,
    order,
    { part: "whole", proof, checkpoint: last, files: paths, recipient },
    never,
  );
};

test("what is anchored is stored one after another, told of, and not stored again with the package", async () => {
  const folder = open();
  const puts: string[] = [];
  const { agent, store } = agentIn(folder, (to, path, where, how) => {
    puts.push(basename(where));
    return to.put(path, where, how);
  });
  const links = await trained(agent);
  const chain = anchors();
  const storing = await begin(agent, chain);
  for (const index of [0, 1, 2]) {
    chain.anchored(links[index]!);
    await expect.poll(() => chain.told.length).toBe(index);
  }
  await storing.end();
  expect(chain.told).toEqual([`${uri} now`, `${uri} with the next`]);
  expect(await stored(store, folder)).toEqual([1, 2]);
  expect(puts.filter((name) => name.startsWith("checkpoint"))).toEqual([1, 2].map(checkpointFile));
  const { key } = await handIn(agent);
  const all = puts.filter((name) => name !== early);
  expect(new Set(all).size).toBe(all.length);
  expect(await stored(store, folder, whole)).toEqual([0, 1, 2, 3, 4]);
  const bundle = await Bundle.open(store, addressOf(whole), join(folder, whole), { keys: buyer });
  expect(bundle.isSealedTo(new Uint8Array(buyer.publicKey))).toBe(true);
  expect(fromHex(key!)!.length).toBe(32);
});

test("states before a checkpoint are on their way early, named by no index but the package's", async () => {
  const folder = open();
  const puts: string[] = [];
  const { agent, store } = agentIn(folder, (to, path, where, how) => {
    puts.push(basename(where));
    return to.put(path, where, how);
  });
  const links = await trained(agent);
  const target = new Package(packageFolder(agent, order));
  for (const step of [5, 15, 25]) await target.writeState(step, new Uint8Array(100).fill(step));
  const chain = anchors();
  const storing = await begin(agent, chain);
  const states = () => puts.filter((name) => name.startsWith("state"));
  chain.anchored(links[1]!);
  await expect.poll(states).toEqual([stateFile(5)]);
  chain.anchored(links[2]!);
  await expect.poll(states).toEqual([stateFile(5), stateFile(15)]);
  await storing.end();
  const first = await Bundle.open(store, uri, join(folder, early), { keys: buyer });
  expect(first.names.filter((name) => name.startsWith("state"))).toEqual([]);
  await handIn(agent, [5, 15, 25].map(stateFile));
  expect(states()).toEqual([5, 15, 25].map(stateFile));
  const bundle = await Bundle.open(store, addressOf(whole), join(folder, whole), { keys: buyer });
  for (const name of states()) {
    await bundle.fetch(name, join(folder, name), 1 << 20);
    expect(readFileSync(join(folder, name))).toEqual(readFileSync(join(target.folder, name)));
  }
});

test("a storage that fails is tried again, and one that hangs holds nobody up who anchors", async () => {
  const folder = open();
  let failures = 1;
  let go = () => {};
  const wait = new Promise<void>((resolve) => (go = resolve));
  const { agent, store, warnings } = agentIn(folder, async (to, path, where, how) => {
    if (failures-- > 0) throw new Error("the server is down");
    await wait;
    return to.put(path, where, how);
  });
  const links = await trained(agent);
  const chain = anchors();
  const storing = await begin(agent, chain);
  for (const index of [0, 1, 2, 3]) chain.anchored(links[index]!);
  await expect.poll(() => warnings.length).toBe(1);
  go();
  await expect.poll(() => chain.told.length).toBe(1);
  await storing.end();
  // The latest is worth most; what it overtook comes with the package.
  expect(await stored(store, folder)).toEqual([3]);
});

test("anchors that find their way into blocks after the package was stored leave it as it is", async () => {
  const folder = open();
  const { agent, store } = agentIn(folder, (to, path, where, how) => to.put(path, where, how));
  const links = await trained(agent);
  await handIn(agent);
  // The node went away under it, and everything is taken up again.
  const chain = anchors();
  const storing = await begin(agent, chain);
  chain.anchored(links[last]!);
  await expect.poll(() => chain.told.length).toBe(1);
  await storing.end();
  expect(await stored(store, folder)).toEqual([3]);
  expect(await stored(store, folder, whole)).toEqual([0, 1, 2, 3, 4]);
});

test("killed at any moment, it leaves what a buyer can read, and the next agent goes on", async () => {
  for (let kill = 0; ; kill++) {
    const folder = open();
    let left = kill;
    let isDead = false;
    const { agent, store } = agentIn(folder, async (to, path, where, how) => {
      if (left-- === 0) isDead = true;
      if (isDead) return new Promise(() => undefined);
      return to.put(path, where, how);
    });
    const links = await trained(agent);
    const first = anchors();
    const stop = new AbortController();
    await begin(agent, first, stop.signal);
    for (const index of [1, 2]) {
      first.anchored(links[index]!);
      await expect.poll(() => isDead || first.told.length === index).toBe(true);
    }
    stop.abort();
    expect(await stored(store, folder)).toEqual([1, 2].slice(0, first.told.length));
    if (!isDead) break;
    left = Infinity;
    isDead = false;
    const next = { ...agent, uploads: new Turns() } as Agent;
    const second = anchors();
    const storing = await begin(next, second);
    second.anchored(links[3]!);
    await expect.poll(() => second.told.length).toBeGreaterThan(first.told.length > 0 ? 1 : 0);
    await storing.end();
    expect([...first.told, ...second.told].filter((word) => word.endsWith(" now"))).toEqual([`${uri} now`]);
    expect((await stored(store, folder)).at(-1)).toBe(3);
    await handIn(next);
    expect(await stored(store, folder, whole)).toEqual([0, 1, 2, 3, 4]);
  }
});
