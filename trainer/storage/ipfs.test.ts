import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hashFile } from "./content-hash.ts";
import { ipfsAddress, parseIpfs, rawCid } from "./ipfs-address.ts";
import { openStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-ipfs-"));
const source = join(folder, "source");
const object = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 13 + (i >> 7)) & 255));
writeFileSync(source, object);
const node = (name: string, more = {}) =>
  openStore({
    ipfs: {
      folder: join(folder, name),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      inner: true,
      blockMs: 20_000,
      ...more,
    },
  });
const first = node("first");
const second = node("second");

afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
  rmSync(folder, { recursive: true });
});

test("one node stores, another fetches by address alone, whole and from the middle", async () => {
  const uri = await first.put(source, "ipfs:");
  expect(uri).toMatch(/^ipfs:\/\/bafy\w+\?peer=\/ip4\/127\.0\.0\.1\/tcp/);
  const hash = await hashFile(source);
  const to = join(folder, "copy");
  const progress: number[] = [];
  await second.get({ uri, to, hash, maxBytes: 1e7, onProgress: (done) => progress.push(done) });
  expect(readFileSync(to).equals(object)).toBe(true);
  expect(progress.at(-1)).toBe(3_000_000);
  rmSync(to);
  writeFileSync(`${to}.${hash.slice(2, 18)}.partial`, object.subarray(0, 2_000_000));
  await second.get({ uri, to, hash, maxBytes: 1e7 });
  expect(readFileSync(to).equals(object)).toBe(true);
  await expect(second.get({ uri, to: `${to}2`, hash, maxBytes: 1e6 })).rejects.toMatchObject({
    code: "TooLarge",
  });
});

test("the address of a content is Kubo's: `ipfs add --cid-version=1` of `hello world` and a line feed", async () => {
  writeFileSync(join(folder, "hello"), "hello world\n");
  const uri = await first.put(join(folder, "hello"), "ipfs:");
  expect(String(parseIpfs(uri).cid)).toBe("bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4");
});

test("a single block is named by the hash of its bytes, and fetched by that name", async () => {
  const small = join(folder, "small");
  writeFileSync(small, object.subarray(0, 10_000));
  const hash = await hashFile(small);
  const uri = await first.put(small, "ipfs:raw");
  expect(uri).toContain(`ipfs://${rawCid(Buffer.from(hash.slice(2), "hex"))}?peer=`);
  const to = join(folder, "small-copy");
  await second.get({ uri, to, hash, maxBytes: 1e5 });
  expect(readFileSync(to).equals(object.subarray(0, 10_000))).toBe(true);
  await expect(first.put(source, "ipfs:raw")).rejects.toMatchObject({ code: "TooLarge" });
});

test("a node that nobody could reach stores nothing, and one whose port is taken says so", async () => {
  const silent = node("silent", { listen: [] });
  await expect(silent.put(source, "ipfs:")).rejects.toThrow("where nobody can fetch it");
  await silent.close();
  const [address] = await first.ipfsAddresses();
  const taken = node("taken", { listen: [address!.replace(/\/p2p\/.*/, "")] });
  await expect(taken.put(source, "ipfs:")).rejects.toThrow("another program has that port");
  await taken.close();
});

test("a node fetches from peers that it was told to be connected to, and stores for them without listening", async () => {
  const [address] = await first.ipfsAddresses();
  const third = node("third", { listen: [], peers: [address] });
  writeFileSync(join(folder, "friendly"), "between friends");
  const uri = await third.put(join(folder, "friendly"), "ipfs:");
  expect(uri).not.toContain("peer=");
  const to = join(folder, "friendly-copy");
  await first.get({ uri, to, hash: undefined, maxBytes: 100 });
  expect(readFileSync(to, "utf8")).toBe("between friends");
  await third.close();
});

test("content that nobody has ends with an error that says so, and a node keeps its name over a restart", async () => {
  const hasty = node("hasty", { blockMs: 500 });
  const cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
  const none = { uri: `ipfs://${cid}`, to: join(folder, "none"), hash: undefined, maxBytes: 10, retries: 0 };
  await expect(hasty.get(none)).rejects.toMatchObject({ code: "Interrupted" });
  const peer = "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
  await expect(hasty.get({ ...none, uri: `${none.uri}?peer=${encodeURIComponent(peer)}` })).rejects.toThrow(
    "peer:",
  );
  const before = (await hasty.ipfsAddresses())[0]?.split("/p2p/")[1];
  await hasty.close();
  expect((await hasty.ipfsAddresses())[0]?.split("/p2p/")[1]).toBe(before);
  await hasty.close();
});

test("peers that a stranger names are public ones, and literal", async () => {
  const careful = node("careful", { inner: false, listen: [], blockMs: 500 });
  const cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";
  const get = (peer: string) => {
    const uri = `ipfs://${cid}?peer=${encodeURIComponent(peer)}`;
    return careful.get({ uri, to: join(folder, "x"), hash: undefined, maxBytes: 10, retries: 0 });
  };
  await expect(get("/ip4/127.0.0.1/tcp/4001")).rejects.toThrow("inside this network");
  await expect(get("/dns4/localhost/tcp/4001")).rejects.toThrow("named by ip4 or ip6");
  await careful.close();
});

test("an address names as many peers as a chain has room for, and leads to them", () => {
  const peers = [1, 2, 3].map(
    (i) => `/ip4/203.0.113.${i}/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN`,
  );
  const cid = rawCid(new Uint8Array(32));
  const address = ipfsAddress(cid, peers);
  expect(address.length).toBeLessThanOrEqual(256);
  expect(parseIpfs(address)).toEqual({ cid, peers: peers.slice(0, 2) });
  expect(parseIpfs(ipfsAddress(cid, ["/ip6/2001:db8::1/tcp/1"])).peers).toEqual(["/ip6/2001:db8::1/tcp/1"]);
});

test("what is no address of a file is refused", async () => {
  const get = (uri: string) => second.get({ uri, to: join(folder, "x"), hash: undefined, maxBytes: 10 });
  await expect(get("ipfs://no")).rejects.toMatchObject({ code: "BadAddress" });
  await expect(
    get("ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/../x"),
  ).rejects.toMatchObject({
    code: "BadAddress",
  });
  await expect(second.put(source, "ipfs://name")).rejects.toMatchObject({ code: "BadAddress" });
});
