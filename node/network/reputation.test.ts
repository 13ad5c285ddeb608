import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { multiaddr } from "@multiformats/multiaddr";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLog } from "../log/log.ts";
import { Backoff } from "./backoff.ts";
import { BanList } from "./ban-list.ts";
import { banThreshold, costs } from "./costs.ts";
import { tooManyFrom } from "./gate.ts";
import { nodeKey } from "./node-key.ts";
import { Reputation } from "./reputation.ts";
import { TokenBucket } from "./token-bucket.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "network-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("reputation falls with costs, and half of it is forgiven in ten minutes", () => {
  let now = 0;
  const reputation = new Reputation(() => now);
  expect(reputation.of("a")).toBe(0);
  expect(reputation.lower("a", 80)).toBe(false);
  now += 600_000;
  expect(reputation.of("a")).toBeCloseTo(-40);
  expect(reputation.lower("a", 59)).toBe(false);
  expect(reputation.lower("a", 1)).toBe(true);
  reputation.forget("a");
  expect(reputation.of("a")).toBe(0);
  reputation.lower("a", 1);
  now += 660_000;
  expect(reputation.of("a")).toBe(0);
});

test("every cost bans at length, and none but another chain at once", () => {
  for (const [reason, cost] of Object.entries(costs)) {
    expect(cost, reason).toBeGreaterThan(0);
    expect(-cost <= banThreshold, reason).toBe(reason === "Foreign");
  }
});

test("only so many peers are remembered", () => {
  const reputation = new Reputation(() => 0);
  for (let i = 0; i < 5_000; i++) reputation.lower(`peer ${i}`, 50);
  expect(reputation.of("peer 0")).toBe(0);
  expect(reputation.of("peer 4999")).toBe(-50);
});

test("a bucket gives no more than its rate and its burst", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 5 })));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 5, max: 50 }),
      steps,
      (rate, burst, takes) => {
        const bucket = new TokenBucket(rate, burst, 0);
        let now = 0;
        let taken = 0;
        for (const [wait, amount] of takes) {
          now += wait;
          if (bucket.take(now, amount)) taken += amount;
          expect(taken).toBeLessThanOrEqual(burst + (now * rate) / 1000 + 1e-6);
        }
      },
    ),
  );
  const bucket = new TokenBucket(10, 2, 0);
  expect([bucket.missing(0), bucket.missing(0, 3)]).toEqual([0, 100]);
  expect([bucket.take(0, 2), bucket.missing(0), bucket.missing(40)]).toEqual([true, 100, 60]);
  expect([bucket.take(99), bucket.take(100)]).toEqual([false, true]);
});

test("bans end, are bounded, and a damaged file begins anew", async () => {
  const path = join(folder, "bans.json");
  const bans = await BanList.open(path, silentLog);
  bans.add("short", -1);
  expect(bans.isBanned("short")).toBe(false);
  for (let i = 0; i < 4_100; i++) bans.add(`peer ${i}`, 60_000 + i * 1_000);
  expect(bans.size).toBe(4_096);
  expect([bans.isBanned("peer 0"), bans.isBanned("peer 4099")]).toEqual([false, true]);
  bans.remove("peer 4099");
  await bans.close();
  const again = await BanList.open(path, silentLog);
  expect([again.size, again.isBanned("peer 4099"), again.isBanned("peer 4098")]).toEqual([
    4_095,
    false,
    true,
  ]);
  await writeFile(path, '{"peer": "for ever"}');
  expect((await BanList.open(path, silentLog)).size).toBe(0);
  await writeFile(path, "{");
  expect((await BanList.open(path, silentLog)).size).toBe(0);
});

test("a peer that fails is tried after twice the time, up to a bound", () => {
  let now = 0;
  const backoff = new Backoff(() => now);
  for (const ms of [2_000, 4_000, 8_000]) {
    backoff.failed("a");
    now += ms - 1;
    expect(backoff.mayTry("a")).toBe(false);
    now += 1;
    expect(backoff.mayTry("a")).toBe(true);
  }
  backoff.failed("a", 1_000);
  now += 1_000;
  expect(backoff.mayTry("a")).toBe(true);
  backoff.failed("a");
  backoff.succeeded("a");
  expect(backoff.mayTry("a")).toBe(true);
});

test("one host has its share of connections, the own one excepted", () => {
  const from = (ip: string) => multiaddr(`/ip4/${ip}/tcp/1`);
  const open = [from("203.0.113.1"), from("203.0.113.1"), from("203.0.113.2")];
  expect(tooManyFrom(from("203.0.113.1"), open, 2)).toBe(true);
  expect(tooManyFrom(from("203.0.113.2"), open, 2)).toBe(false);
  expect(tooManyFrom(from("127.0.0.1"), [from("127.0.0.1")], 1)).toBe(false);
});

test("a node key is the same from a hex string, a hex file and a raw file, and wrong ones are not repeated", async () => {
  const secret = "ab".repeat(32);
  const keyOf = async (content: string | Buffer) => {
    const path = join(folder, "key");
    await writeFile(path, content, { mode: 0o600 });
    return (await nodeKey({ type: "file", path }, undefined, silentLog)).publicKey.toString();
  };
  const hex = (await nodeKey({ type: "hex", secret }, undefined, silentLog)).publicKey.toString();
  expect(await keyOf(`${secret}\n`)).toBe(hex);
  expect(await keyOf(`0x${secret}`)).toBe(hex);
  expect(await keyOf(Buffer.from(secret, "hex"))).toBe(hex);
  await expect(keyOf("secretsecret")).rejects.toThrow(/^(?!.*secretsecret).*64 hex digits/);
  const made = await nodeKey(undefined, join(folder, "new"), silentLog);
  expect(await readFile(join(folder, "new", "key"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  expect((await nodeKey(undefined, join(folder, "new"), silentLog)).publicKey.equals(made.publicKey)).toBe(
    true,
  );
});
