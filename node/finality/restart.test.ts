import { afterEach, expect, test } from "vitest";
import { ToyNetwork } from "./testing/network.ts";
import { Random } from "./testing/random.ts";
import { authoritiesOf, isFinal, startToyVoter, type ToyVoter } from "./testing/toy-voters.ts";
import { VoteRecord } from "./vote-record.ts";
import { decodeGossip } from "./wire.ts";

const names = ["Alice", "Bob", "Charlie", "Dave"];
const sets = [authoritiesOf({ Alice: 1, Bob: 1, Charlie: 1, Dave: 1 })];

let network: ToyNetwork;
afterEach(async () => {
  expect(network.doubleVotes()).toEqual([]);
  await network.stop();
});

async function restart(name: string): Promise<ToyVoter> {
  const { folder, stop } = network.nodes.get(name)!;
  await stop(true);
  return network.start(name, { folder });
}

test("a voter that ends and comes back again and again never votes twice, and the others go on", async () => {
  network = new ToyNetwork({ sets, gossipMs: 20 });
  for (const name of names) await network.start(name);
  const random = new Random(7);
  for (let round = 0; round < 12; round++) {
    await network.extend(1, names, { salt: round });
    if (random.chance(0.7)) await restart(random.pick(names));
  }
  const all = names.map((name) => network.nodes.get(name)!);
  await Promise.all(all.map((node) => isFinal(node, 12)));
});

test("when all have ended, they go on where they were", async () => {
  network = new ToyNetwork({ sets, gossipMs: 20 });
  for (const name of names) await network.start(name);
  await network.extend(5, names);
  for (const name of names) await isFinal(network.nodes.get(name)!, 5);
  const rounds = names.map((name) => network.nodes.get(name)!.finality.roundState()!.best.round);
  await Promise.all(names.map((name) => network.nodes.get(name)!.stop(true)));
  for (const name of names) await network.start(name, { folder: network.nodes.get(name)!.folder });
  for (const [i, name] of names.entries()) {
    const { best } = network.nodes.get(name)!.finality.roundState()!;
    expect(best.round >= rounds[i]! - 1n).toBe(true);
  }
  await network.extend(3, names);
  for (const name of names) await isFinal(network.nodes.get(name)!, 8);
});

test("a vote is on disk before it is sent", async () => {
  network = new ToyNetwork({ sets, gossipMs: 20 });
  const alone = [authoritiesOf({ Alice: 1 })];
  const sent: boolean[] = [];
  const port = network.hub.join("Alice");
  const broadcast = (message: Uint8Array): void => {
    if (decodeGossip(message).type !== "Vote") return;
    const { messages } = new VoteRecord(node.database).read()!;
    sent.push(messages.some((kept) => Buffer.compare(kept, message) === 0));
  };
  const node = await startToyVoter({ name: "Alice", sets: alone, network: { ...port, broadcast } });
  network.nodes.set("Alice", node);
  for (let number = 1; number <= 4; number++) {
    await node.extend(1);
    await isFinal(node, number);
  }
  expect(sent).toEqual(Array(8).fill(true));
});

test("a node without a key follows what the others prove", async () => {
  network = new ToyNetwork({ sets, gossipMs: 20 });
  for (const name of names) await network.start(name);
  const follower = await startToyVoter({ sets, gossipMs: 20, network: network.hub.join("Eve") });
  network.nodes.set("Eve", follower);
  await network.extend(4, [...names, "Eve"]);
  await isFinal(follower, 4);
  expect(new VoteRecord(follower.database).read()).toBeUndefined();
});
