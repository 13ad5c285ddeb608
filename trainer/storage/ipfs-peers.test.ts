import { multiaddr } from "@multiformats/multiaddr";
import { expect, test } from "vitest";
import { toldAddresses } from "./ipfs-peers.ts";

const peer = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN";
const all = ["127.0.0.1", "10.0.0.7", "8.8.8.8", "192.168.3.4"].map((ip) => `/ip4/${ip}/tcp/4001`);
const listened = all.map((text) => multiaddr(text));

test("others are told public addresses alone, whoever has confirmed them", () => {
  expect(toldAddresses(peer, { listened })).toEqual([`/ip4/8.8.8.8/tcp/4001/p2p/${peer}`]);
});

test("in a network of one's own inner addresses are told too, loopback last", () => {
  expect(toldAddresses(peer, { listened, inner: true }).map((told) => told.split("/")[2])).toEqual([
    "8.8.8.8",
    "10.0.0.7",
    "192.168.3.4",
    "127.0.0.1",
  ]);
});

test("what is announced stands for all that is listened at", () => {
  const announce = ["/ip4/203.0.113.7/tcp/4001"];
  expect(toldAddresses(peer, { listened, announce })).toEqual([`${announce[0]}/p2p/${peer}`]);
});

test("no more than four are told", () => {
  const many = Array.from({ length: 9 }, (_, i) => multiaddr(`/ip4/8.8.8.${i}/tcp/4001`));
  expect(toldAddresses(peer, { listened: many })).toHaveLength(4);
});
