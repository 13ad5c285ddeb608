import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const storeOf = (json: object) => readConfig(json, new Uint8Array(32)).store;

test("an operator who says nothing has opened nothing", () => {
  expect(storeOf({})).toEqual({ s3: { buckets: [] } });
});

test("a node's addresses and bounds, and a bucket's public address, are handed on", () => {
  const ipfs = { listen: ["/ip4/0.0.0.0/tcp/4002"], announce: ["/ip4/203.0.113.7/tcp/4002"], keepGiB: 0.5 };
  const s3 = { buckets: ["mine"], publicUrl: "https://{bucket}.s3.example.org" };
  expect(storeOf({ ipfs, s3 })).toEqual({
    s3,
    ipfs: { ...ipfs, inner: false, keepBytes: 2 ** 29, cacheBytes: undefined },
  });
});

test("a network of one's own is read by http: too", () => {
  expect(storeOf({ innerNetwork: true, ipfs: {} })).toMatchObject({
    web: { inner: true, plain: true },
    ipfs: { inner: true },
  });
});

test.each<[string, object, string]>([
  [
    "a name where others need an address",
    { ipfs: { announce: ["/dns4/x.example/tcp/1"] } },
    "look up no names",
  ],
  ["no multiaddress", { ipfs: { listen: ["0.0.0.0:4001"] } }, "must be a multiaddress"],
  ["no room", { ipfs: { cacheGiB: 0 } }, "ipfs.cacheGiB"],
  ["a node and a gateway at once", { ipfs: { listen: [], gateway: "https://ipfs.io" } }, "ipfs"],
  [
    "a bucket's address that is none",
    { s3: { buckets: [], publicUrl: "s3://x" } },
    "must be an https: address",
  ],
])("%s is refused", (_, json, message) => expect(() => storeOf(json)).toThrow(message));
