import { afterEach, expect, test } from "vitest";
import { idle, ToyNetwork } from "./testing/network.ts";
import { authoritiesOf, isFinal, type ToyVoter } from "./testing/toy-voters.ts";

const names = ["Alice", "Bob", "Charlie", "Dave"];
const sets = [
  authoritiesOf({ Alice: 1, Bob: 1, Charlie: 1, Dave: 1 }),
  authoritiesOf({ Alice: 2, Bob: 2, Charlie: 3, Dave: 2 }),
  authoritiesOf({ Alice: 5, Bob: 4, Charlie: 4, Dave: 4 }),
];

let network: ToyNetwork;
let all: ToyVoter[];
afterEach(async () => {
  // Whatever happened: nobody voted twice, all agree, and no answer was found wanting.
  expect(network.doubleVotes()).toEqual([]);
  expect(network.hub.badAnswers).toEqual([]);
  expect(network.hub.log.filter(({ verdict }) => verdict === "reject")).toEqual([]);
  await network.stop();
});

async function startAll(): Promise<void> {
  network = new ToyNetwork({ sets, gossipMs: 20 });
  all = await Promise.all(names.map((name) => network.start(name)));
}

/** Messages pass only between those of one group. */
function part(...groups: readonly (readonly string[])[]): void {
  network.hub.isCut = (from, to) => !groups.some((group) => group.includes(from) && group.includes(to));
}

test("two halves make nothing final, and all of it once they meet again", async () => {
  await startAll();
  await network.extend(3, names);
  await Promise.all(all.map((node) => isFinal(node, 3)));
  part(["Alice", "Bob"], ["Charlie", "Dave"]);
  await network.extend(4, ["Alice", "Bob"], { salt: 1 });
  await network.extend(2, ["Charlie", "Dave"], { salt: 2 });
  await idle(600);
  expect(all.map(({ chain }) => chain.finalized.number)).toEqual([3, 3, 3, 3]);
  network.hub.isCut = () => false;
  const [alice, , charlie] = all as [ToyVoter, ToyVoter, ToyVoter, ToyVoter];
  for (const node of all.slice(2)) await network.share(alice, node);
  for (const node of all.slice(0, 2)) await network.share(charlie, node);
  const heads = await Promise.all(all.map((node) => isFinal(node, 7)));
  expect(new Set(heads.map(({ hash }) => hash))).toEqual(new Set([alice.chain.hashAt(7)]));
});

test("three of four go on, and the fourth follows when it hears of it", async () => {
  await startAll();
  part(["Alice", "Bob", "Charlie"], ["Dave"]);
  await network.extend(5, ["Alice", "Bob", "Charlie"]);
  await Promise.all(all.slice(0, 3).map((node) => isFinal(node, 5)));
  const dave = all[3]!;
  await dave.extend(2, { salt: 9 });
  expect(dave.chain.finalized.number).toBe(0);
  network.hub.isCut = () => false;
  await network.share(all[0]!, dave);
  await isFinal(dave, 5);
  await network.extend(1, names);
  await Promise.all(all.map((node) => isFinal(node, 6)));
});

test("a voter who slept through two sets goes from one to the next", async () => {
  await startAll();
  const [awake, dave] = [["Alice", "Bob", "Charlie"], all[3]!];
  part(awake, ["Dave"]);
  for (const set of [1, 2]) {
    await network.extend(3, awake, { set });
    await Promise.all(all.slice(0, 3).map((node) => isFinal(node, 3 * set)));
  }
  await network.extend(2, awake);
  await Promise.all(all.slice(0, 3).map((node) => isFinal(node, 8)));
  network.hub.isCut = () => false;
  await network.share(all[0]!, dave);
  await isFinal(dave, 8);
  expect(dave.finality.roundState()?.setId).toBe(2n);
  // The ends of the sets keep their proofs, so that Dave can show them to others.
  for (const number of [3, 6]) {
    expect(dave.chain.justifications(dave.chain.hashAt(number)!)).toHaveLength(1);
  }
  await network.extend(1, names);
  await Promise.all(all.map((node) => isFinal(node, 9)));
});
