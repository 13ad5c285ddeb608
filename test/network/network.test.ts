/**
 * Four trainers in four processes, on hosts of their own where the machine allows it: blocks, finality, partitions,
 * crashes, late nodes and cheats. One network lives through all of it, as networks do.
 */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions } from "@polkadot/api/types";
import { decodeAddress } from "@polkadot/util-crypto/address";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testAccounts } from "../../chain-spec/presets.ts";
import { claimOf } from "../../node/consensus/digest.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { decode } from "../../runtime/primitives/codec.ts";
import { blockAuthor, digestItem } from "../../runtime/primitives/digest.ts";
import { fastSpec } from "./fast-spec.ts";
import { createTestnet, type HeaderJson, type NetworkNode, type Testnet, until } from "./testnet.ts";

const slotMs = 2_000;
const aliceAddress = testAccounts["//Alice"];
const [alice, bob, charlie, dave, late, fast] = [0, 1, 2, 3, 4, 5] as const;
const trainers = [alice, bob, charlie, dave];
const flags = ["--alice", "--bob", "--charlie", "--dave"];

let net: Testnet;
const node = (index: number): NetworkNode => net.nodes[index]!;
const slots = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * slotMs));
const finalized = (index: number): Promise<number> => node(index).finalized();

beforeAll(async () => {
  // Alice has 70 % of the compute; of the votes all have the same share.
  const spec = fastSpec({ slotMs, epochLength: 10, compute: [7, 1, 1, 1] });
  net = await createTestnet(spec, 6);
  await Promise.all(trainers.map((index) => node(index).start([flags[index]!])));
});
afterAll(() => net?.close());

/** Waits until these nodes have finalized `more` blocks beyond the lowest of them, and agree on all. */
async function agree(indices: readonly number[], more = 3): Promise<void> {
  const from = Math.min(...(await Promise.all(indices.map(finalized))));
  const goal = from + more;
  const isThere = async () => (await Promise.all(indices.map(finalized))).every((number) => number >= goal);
  await until(`nodes ${indices} finalize block ${goal}`, isThere).catch((error: Error) => {
    // What they have to say for themselves, blocks aside.
    const words = indices.map((index) =>
      node(index)
        .output.split("\n")
        .filter((line) => !/chain: imported|finality: finalized/.test(line))
        .slice(-12)
        .join("\n"),
    );
    throw new Error(`${error.message}\n${words.join("\n---\n")}`);
  });
  for (let number = Math.max(0, goal - 5); number <= goal; number++) {
    const hashes = await Promise.all(indices.map((index) => hashAt(index, number)));
    expect(new Set(hashes).size, `block ${number}`).toBe(1);
  }
}

/** A node that began with a state comes by the blocks before it later. */
async function hashAt(index: number, number: number): Promise<string> {
  let hash: string | null = null;
  await until(`node ${index} has block ${number}`, async () => {
    hash = await node(index).hashAt(number);
    return hash !== null;
  });
  return hash!;
}

const headerAt = async (index: number, number: number): Promise<HeaderJson> =>
  node(index).call("chain_getHeader", await node(index).hashAt(number));

describe("a network of trainers", () => {
  test("makes blocks that become final within three slots, with one state everywhere", async () => {
    await agree(trainers, 4);
    const distances: number[] = [];
    for (let i = 0; i < 5; i++) {
      const [best, final] = await Promise.all([node(bob).best(), finalized(bob)]);
      distances.push(best - final);
      await slots(1);
    }
    expect(distances.toSorted((a, b) => a - b)[2], `distances ${distances}`).toBeLessThanOrEqual(3);
    const roots = await Promise.all(trainers.map(async (index) => (await headerAt(index, 3)).stateRoot));
    expect(new Set(roots).size).toBe(1);
  });

  test("carries a transaction from any node into a block that all have", async () => {
    const peers = await Promise.all(trainers.map((i) => node(i).call<{ peers: number }>("system_health")));
    expect(peers.map(({ peers }) => peers)).toEqual([3, 3, 3, 3]);
  });

  test("goes on without a node that was killed, which catches up when it returns", async () => {
    await node(dave).stop("SIGKILL");
    await agree([alice, bob, charlie]);
    await node(dave).start([flags[dave]!]);
    await agree(trainers);
  });

  test("brings a late node to the same state, block by block", async () => {
    await node(late).start();
    await agree([alice, late]);
    const number = await finalized(late);
    expect((await headerAt(late, number)).stateRoot).toBe((await headerAt(alice, number)).stateRoot);
  });

  test("brings a late node to the same state by a finalized state", async () => {
    await node(fast).start(["--sync", "fast"]);
    await agree([alice, fast]);
    const number = await finalized(fast);
    expect((await headerAt(fast, number)).stateRoot).toBe((await headerAt(alice, number)).stateRoot);
    expect(await hashAt(fast, 1)).toBe(await node(alice).hashAt(1));
    await node(late).stop();
    await node(fast).stop();
  });

  describe.runIf(process.platform === "linux")("that is cut", () => {
    test("in two halves finalizes nothing on either side, and heals to one chain", async (context) => {
      if (!net.canPartition) context.skip("no network namespaces can be made here");
      const before = await Promise.all(trainers.map(finalized));
      const highest = Math.max(...before);
      const kept = await node(alice).hashAt(highest);
      net.hosts.partition([
        [alice, bob],
        [charlie, dave],
      ]);
      const best = await node(alice).best();
      await slots(8);
      // Votes that were under way when the cable was cut may still have counted.
      for (const index of trainers) expect(await finalized(index)).toBeLessThanOrEqual(highest + 2);
      const stuck = await Promise.all(trainers.map(finalized));
      expect(await node(alice).best()).toBeGreaterThan(best);
      await slots(4);
      expect(await Promise.all(trainers.map(finalized))).toEqual(stuck);
      net.hosts.heal();
      await agree(trainers);
      expect(await node(dave).hashAt(highest)).toBe(kept);
    });

    test("three to one goes on with the majority, and the one follows when it is back", async (context) => {
      if (!net.canPartition) context.skip("no network namespaces can be made here");
      net.hosts.partition([[alice, bob, charlie]]);
      const alone = await finalized(dave);
      await agree([alice, bob, charlie], 4);
      expect(await finalized(dave)).toBeLessThanOrEqual(alone + 2);
      net.hosts.heal();
      await agree(trainers);
    });
  });

  test("makes blocks through a flood of garbage and forgeries, and throws the flooder out", async () => {
    const before = await node(bob).best();
    const flooder = net.run(fast, "test/network/flooder.ts", [
      (await node(bob).hashAt(0)) as string,
      net.addressOf(fast),
      net.addressOf(bob),
      await node(bob).call("archive_v1_header", await node(bob).hashAt(before)),
      "10",
    ]);
    const sent = JSON.parse(await flooder) as { gossip: number; raw: number; bans: number };
    expect(sent.raw).toBeGreaterThan(10);
    expect(sent.bans).toBeGreaterThan(0);
    expect(node(bob).output).toContain("banned");
    await agree(trainers);
    expect(await node(bob).best()).toBeGreaterThan(before);
  });

  test("gives a trainer with 70 % of the compute about that share of what is won", async () => {
    let [n, won] = [0, 0];
    for (let number = await finalized(bob); number > 0; number--) {
      const { digest } = await headerAt(bob, number);
      const items = digest.logs.map((log) => decode(digestItem, fromHex(log)!));
      if (claimOf(items)?.kind !== "Primary") continue;
      n++;
      if (toHex(blockAuthor(items)!) === toHex(decodeAddress(aliceAddress))) won++;
    }
    // Four standard deviations of a binomial around its mean.
    const share = 0.7;
    expect(Math.abs(won - n * share), `${won} of ${n}`).toBeLessThan(
      4 * Math.sqrt(n * share * (1 - share)) + 1,
    );
  });

  // Alice wins most slots, so both of her do soon.
  test("slashes a trainer that runs twice", async () => {
    const api = await ApiPromise.create({
      provider: new WsProvider(node(bob).url) as NonNullable<ApiOptions["provider"]>,
      noInitWarn: true,
    });
    const slashesOf = async () => (await api.query.trainerStaking!.recentSlashes!(aliceAddress)).toJSON();
    expect(await slashesOf()).toEqual([]);
    await node(late).start(["--alice"]);
    await until("Alice is slashed", async () => ((await slashesOf()) as unknown[]).length > 0);
    expect(await slashesOf()).toMatchObject([{ reason: expect.stringMatching(/Equivocation$/) }]);
    await api.disconnect();
    await node(late).stop();
    await agree([bob, charlie, dave]);
  });
});
