import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bytesToHash, type Hash } from "../../node/chain/hash.ts";
import type { Network } from "../../node/network/types.ts";
import { finalityTrail } from "../../node/sync/finality-trail.ts";
import { bodiesProtocol } from "../../node/sync/protocols.ts";
import { encodeHeader, type Header, hashHeader } from "../../runtime/primitives/header.ts";
import {
  grow,
  reached,
  type Served,
  type SyncNet,
  type SyncNode,
  severalParts,
  syncNet,
} from "./sync-net.ts";

let net: SyncNet;
let author: SyncNode;
let late: SyncNode;
const height = 90;
let serial = 0;

beforeAll(async () => {
  net = syncNet(severalParts);
  author = await net.node("author");
  await grow(author, height);
});
afterEach(() => late.close());
afterAll(() => net.close());

/** A late node that meets the liar first, then the honest node, and must end where that is. */
async function meets(liar: Network, mode: "full" | "fast" = "full"): Promise<void> {
  late = await net.node(`late ${++serial}`, { mode });
  let worst = 0;
  const watch = setInterval(() => {
    worst = Math.min(worst, late.network.peer(liar.peerId)?.reputation ?? -100);
  }, 5);
  await net.connect(late, { network: liar });
  await net.rest(200);
  await net.connect(late, author);
  await reached(late, () => late.chain.best.hash === author.chain.best.hash);
  clearInterval(watch);
  expect(late.state().rootHash).toEqual(author.state().rootHash);
  expect(worst).toBeLessThan(-10);
}

/** Headers on top of an honest block that nobody sealed, as many as it takes to look attractive. */
function forgedChain(from: number, count: number) {
  const headers = new Map<Hash, Header>();
  const heights = new Map<number, Hash>();
  let parent = author.chain.header(author.chain.hashAt(from)!)!;
  for (let i = 0; i < count; i++) {
    const header = { ...parent, parentHash: hashHeader(parent), number: parent.number + 1 };
    const hash = bytesToHash(hashHeader(header));
    headers.set(hash, header);
    heights.set(header.number, hash);
    parent = header;
  }
  const { chain } = author;
  const served: Partial<Served> = {
    header: (hash) => headers.get(hash) ?? chain.header(hash),
    hashAt: (number) => heights.get(number) ?? (number <= from ? chain.hashAt(number) : undefined),
    body: (hash) => (headers.has(hash) ? chain.body(chain.hashAt(from)!) : chain.body(hash)),
    justifications: (hash) => (headers.has(hash) ? [] : chain.justifications(hash)),
  };
  return { served, best: { hash: hashHeader(parent), number: parent.number } };
}

describe("a peer that lies costs itself its reputation, and the node nothing", () => {
  test("with bodies of other blocks", async () => {
    const { chain } = author;
    await meets(await net.liar(author, { body: () => chain.body(chain.hashAt(7)!) }));
  });

  test("with a chain that is longer than any, but made up", async () => {
    const { served, best } = forgedChain(40, 3000);
    await meets(await net.liar(author, { ...served, best }));
    expect(late.chain.best.number).toBe(height);
  });

  test("with headers that do not follow one another", async () => {
    const { chain } = author;
    const header = (hash: Hash) => {
      const honest = chain.header(hash);
      return honest && honest.number % 10 === 5 ? { ...honest, number: honest.number + 1 } : honest;
    };
    await meets(await net.liar(author, { header }));
  });

  test("with the state of another block", async () => {
    const { chain } = author;
    const stateAt = () => chain.stateAt(chain.hashAt(height - 3)!);
    const trail = finalityTrail(chain, author.database);
    await meets(await net.liar(author, { stateAt, trail }), "fast");
  });

  test("with proofs of finality that prove nothing", async () => {
    const { chain, database } = author;
    const honest = finalityTrail(chain, database);
    const prove = (setId: bigint) => {
      const proof = honest.prove(setId, 1 << 20).slice();
      proof[proof.length - 20]! ^= 1;
      return proof;
    };
    await meets(await net.liar(author, { trail: { ...honest, prove } }), "fast");
  });
});

test("a peer that never sends a body is doubled by another one", async () => {
  const silent = await net.liar(author, { silentOn: bodiesProtocol });
  late = await net.node("patient");
  await net.connect(late, { network: silent });
  await net.connect(late, author);
  await reached(late, () => late.chain.best.hash === author.chain.best.hash);
});

test("announcements that lie are not forwarded, not kept, and not believed", async () => {
  late = await net.node("listener");
  const liar = await net.liar(author);
  const far = await net.node("far");
  await net.connect(late, author);
  await reached(late, () => late.chain.best.hash === author.chain.best.hash);
  await net.connect(late, { network: liar });
  await net.connect(late, far);
  await reached(far, () => far.chain.best.hash === author.chain.best.hash);
  // Gossip begins when both sides have told their topics.
  await net.rest(1200);
  const reputation = () => late.network.peer(liar.peerId)?.reputation ?? -100;

  // Nobody has its parent, so nobody can say anything about it.
  const { chain } = author;
  const best = chain.header(chain.best.hash)!;
  const orphan = { ...best, parentHash: new Uint8Array(32).fill(5), number: best.number + 3 };
  await liar.publish("blocks", encodeHeader(orphan));
  await net.rest();
  expect(reputation()).toBeGreaterThan(-10);

  const unsealed = { ...best, parentHash: hashHeader(best), number: best.number + 1 };
  await liar.publish("blocks", encodeHeader(unsealed));
  while (reputation() > -30) await net.rest(10);
  for (const header of [orphan, unsealed]) {
    expect(late.chain.header(bytesToHash(hashHeader(header)))).toBeUndefined();
  }
  expect(far.network.peer(late.network.peerId)?.reputation).toBeGreaterThan(-1);
  expect(late.chain.best).toEqual(chain.best);

  const before = reputation();
  await liar.publish("blocks", Uint8Array.of(1, 2, 3));
  while (reputation() >= before) await net.rest(10);
  await far.close();
});
