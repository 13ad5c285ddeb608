import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connect, genesis, gone, Hosts, seen } from "./testing/hosts.ts";

const hosts = new Hosts();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "network-"));
});
afterEach(async () => {
  await hosts.stop();
  await rm(folder, { recursive: true });
});

test("bootnodes are connected with, and through them, by Kademlia, the others", async () => {
  const options = { kademlia: true };
  const boot = await hosts.start(options);
  const bootnodes = [boot.listenAddresses()[0]!];
  const [a, b] = [await hosts.start({ ...options, bootnodes }), await hosts.start({ ...options, bootnodes })];
  await Promise.all([seen(a, boot.peerId), seen(b, boot.peerId), seen(a, b.peerId)]);
});

test("a node that comes back knows its key and finds its peers without a bootnode", async () => {
  const other = await hosts.start({ limits: { maxOut: 0 } });
  const first = await hosts.start({ folder, bootnodes: other.listenAddresses() });
  await seen(first, other.peerId);
  const left = gone(other, first.peerId);
  await first.stop();
  await left;
  const second = await hosts.start({ folder });
  expect(second.peerId).toBe(first.peerId);
  await seen(second, other.peerId);
  expect((await stat(join(folder, "key"))).mode & 0o777).toBe(0o600);
});

test("a ban outlives a restart", async () => {
  const other = await hosts.start({ limits: { maxOut: 0 } });
  const first = await hosts.start({ folder, limits: { maxOut: 0 } });
  await connect(first, other);
  first.report(other.peerId, "Malformed");
  expect(first.peer(other.peerId)?.reputation).toBeCloseTo(-50, 0);
  const left = gone(first, other.peerId);
  first.report(other.peerId, "Malformed");
  await left;
  await first.stop();
  expect(JSON.parse(await readFile(join(folder, "bans.json"), "utf8"))).toHaveProperty(other.peerId);
  const second = await hosts.start({ folder, limits: { maxOut: 0 } });
  await expect(second.dial(other.listenAddresses()[0]!)).rejects.toThrow();
});

test("a reserved peer is connected with again, keeps its place, and is never banned", async () => {
  const other = await hosts.start({ limits: { maxOut: 0 } });
  const node = await hosts.start({ reserved: other.listenAddresses(), reservedOnly: true });
  await seen(node, other.peerId);
  expect(node.peer(other.peerId)).toMatchObject({ reserved: true });
  for (let i = 0; i < 5; i++) node.report(other.peerId, "Malformed");
  expect(node.peer(other.peerId)).toBeDefined();
  const left = gone(node, other.peerId);
  await other.disconnect(node.peerId);
  await left;
  await seen(node, other.peerId);
  const stranger = await hosts.start({ limits: { maxOut: 0 } });
  await stranger.dial(node.listenAddresses()[0]!).catch(() => {});
  expect(node.peer(stranger.peerId)).toBeUndefined();
  await node.removeReserved(other.peerId);
  expect(node.peer(other.peerId)).toBeUndefined();
  expect(node.reserved()).toEqual([]);
});

test("a peer that is not there yet is tried again", async () => {
  const nodeKey = { type: "hex", secret: "11".repeat(32) } as const;
  const early = await hosts.start({ nodeKey });
  const [address] = early.listenAddresses();
  await early.stop();
  const node = await hosts.start({ reserved: [address!] });
  const port = address!.split("/")[4];
  const late = await hosts.start({ nodeKey, listen: [`/ip4/127.0.0.1/tcp/${port}`] });
  expect(late.listenAddresses()).toEqual([address]);
  await seen(node, late.peerId);
});

test("nodes of the local network find each other with mDNS, and only those of their chain", async () => {
  const mdns = { mdns: true, listen: ["/ip4/0.0.0.0/tcp/0"] };
  const [a, b] = [await hosts.start(mdns), await hosts.start(mdns)];
  const foreign = await hosts.start({ ...mdns, genesis: genesis.map((byte) => byte + 1) });
  const silent = await hosts.start({ listen: mdns.listen });
  await Promise.all([seen(a, b.peerId), seen(b, a.peerId)]);
  expect(foreign.peers()).toEqual([]);
  expect(silent.peers()).toEqual([]);
});

test("a WebSocket listener reaches the same network", async () => {
  const server = await hosts.start({ listen: ["/ip4/127.0.0.1/tcp/0/ws"] });
  const client = await hosts.start();
  await connect(client, server);
  expect(client.peer(server.peerId)?.address).toContain("/ws");
});

test("an address that is in use, and one without a peer id, are explained", async () => {
  const node = await hosts.start();
  const port = node.listenAddresses()[0]!.split("/")[4];
  await expect(hosts.start({ listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toThrow("cannot listen");
  await expect(node.addReserved("/ip4/127.0.0.1/tcp/1")).rejects.toThrow("/p2p/");
  await expect(node.addReserved("nonsense")).rejects.toThrow("no multiaddress");
  await expect(hosts.start({ nodeKey: { type: "hex", secret: "12" } })).rejects.toThrow("64 hex digits");
});
