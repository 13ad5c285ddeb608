import { afterEach, describe, expect, test } from "vitest";
import { hashToBytes } from "../chain/hash.ts";
import { Keystore } from "../keystore/keystore.ts";
import type { FinalityClock } from "./clock.ts";
import { verifyJustification } from "./justification.ts";
import { Hub } from "./testing/hub.ts";
import {
  authoritiesOf,
  isFinal,
  startToyVoter,
  type ToyVoter,
  type ToyVoterOptions,
} from "./testing/toy-voters.ts";

const nodes: ToyVoter[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

async function start(options: ToyVoterOptions): Promise<ToyVoter> {
  const node = await startToyVoter(options);
  nodes.push(node);
  return node;
}

describe("a voter alone", () => {
  const sets = [authoritiesOf({ Alice: 1 }), authoritiesOf({ Alice: 5 })];

  test("makes each block final, with a proof that stands for itself", async () => {
    const node = await start({ name: "Alice", sets });
    for (let number = 1; number <= 5; number++) {
      const hash = await node.extend(1);
      expect(await isFinal(node, number)).toEqual({ hash, number });
    }
    await node.finality.stop();
    expect(node.proven.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    for (const { number, justification } of node.proven) {
      const verdict = verifyJustification(justification, 0n, sets[0]!);
      expect(verdict).toMatchObject({ type: "valid", target: { number, hash: node.chain.hashAt(number) } });
      expect(verifyJustification(justification, 1n, sets[0]!).type).toBe("invalid");
    }
  });

  test("follows its set from one to the next", async () => {
    const node = await start({ name: "Alice", sets });
    const end = await node.extend(3, { set: 1 });
    await isFinal(node, 3);
    await node.extend(4);
    await isFinal(node, 7);
    expect(node.finality.roundState()).toMatchObject({ setId: 1n, best: { totalWeight: 5n } });
    expect(node.chain.justifications(end)).toHaveLength(1);
    expect(hashToBytes(end)).toHaveLength(32);
  });
});

/** Whoever asks to be called later is called, but no time has passed: what waits for time to pass waits for ever. */
const timeless: FinalityClock = {
  now: () => 0,
  after(_, call) {
    const timer = setTimeout(call, 1);
    return () => clearTimeout(timer);
  },
};

describe("a voter that decides alone", () => {
  const sets = [authoritiesOf({ Alice: 10, Bob: 1, Charlie: 1, Dave: 1 })];

  test("waits for nobody, though the others never speak", async () => {
    const node = await start({ name: "Alice", sets, parts: { clock: timeless } });
    for (let number = 1; number <= 5; number++) {
      const hash = await node.extend(1);
      expect(await isFinal(node, number)).toEqual({ hash, number });
    }
    expect(node.finality.roundState()).toMatchObject({ best: { totalWeight: 13n, thresholdWeight: 9n } });
  });

  test("is the one whose vote a node gives, of several whose keys it has", async () => {
    const keys = new Keystore();
    for (const name of ["Bob", "Charlie", "Alice", "Dave"]) keys.add("gran", `//${name}`);
    const node = await start({ sets, parts: { keys } });
    const hash = await node.extend(3);
    expect(await isFinal(node, 3)).toEqual({ hash, number: 3 });
  });
});

describe("four voters", () => {
  const sets = [authoritiesOf({ Alice: 1, Bob: 1, Charlie: 1, Dave: 1 })];

  test("agree", async () => {
    const hub = new Hub();
    const names = ["Alice", "Bob", "Charlie", "Dave"];
    const all = await Promise.all(names.map((name) => start({ name, sets, network: hub.join(name) })));
    const [alice, ...others] = all as [ToyVoter, ...ToyVoter[]];
    for (let number = 1; number <= 10; number++) {
      const hash = await alice.extend(1);
      for (const other of others) await other.import(alice.block(hash));
    }
    const finals = await Promise.all(all.map((node) => isFinal(node, 10)));
    expect(new Set(finals.map(({ hash }) => hash)).size).toBe(1);
    expect(hub.log.filter(({ verdict }) => verdict === "reject")).toEqual([]);
    expect(hub.badAnswers).toEqual([]);
  });
});
