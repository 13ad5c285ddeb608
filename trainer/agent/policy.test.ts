import { expect, test } from "vitest";
import type { Order } from "../../pallets/marketplace/index.ts";
import type { Manifest } from "../proof/manifest.ts";
import { objection, type Weighed } from "./policy.ts";

const policy = { maxOrders: 1, haste: 2, formats: ["idx" as const] };
const uut = 432_000n;

/** An order of 1 ut for a machine of 864 ut a day, so of 100 s, in a window of 200 s. */
function weighed(change: Partial<Weighed> = {}, within = 100, manifest: object = {}): Weighed {
  return {
    order: { spec: { flop: 1_000_000n * uut, train_within: within } } as Order,
    machine: { measured: 864_000_000n },
    manifest: { training: { format: "idx" }, determinism: "any", ...manifest } as Manifest,
    determinism: "cpu-x86-fma",
    slotMs: 2_000n,
    before: 0n,
    ...change,
  };
}

test("an order is taken that the machine can do so many times over in its window", () => {
  expect(objection(policy, weighed())).toBeUndefined();
  expect(objection(policy, weighed({}, 99))).toBe(
    "it needs 100000 ms at the measured capacity, and has 198000 ms",
  );
  expect(objection({ ...policy, haste: 2.01 }, weighed())).toMatch(/has 200000 ms/);
  expect(objection(policy, weighed({ machine: { measured: 0n } }))).toMatch(/no measured capacity/);
});

test("what is trained on the same device before it counts, and must not hold it up for too long", () => {
  const before = 200_000n * uut; // 20 s
  expect(objection(policy, weighed({ before }, 119))).toBe(
    "it needs 100000 ms at the measured capacity, after others for 20000 ms, and has 238000 ms",
  );
  expect(objection(policy, weighed({ before }, 120))).toBeUndefined();
  const more = 300_000n * uut; // 30 s, with haste 60; a fifth of 260 s is 52
  expect(objection(policy, weighed({ before: more }, 130))).toBe(
    "others are trained on the device for 30000 ms, and it is to begin within 52000 ms",
  );
});

test("formats and classes of determinism that it does not have are declined", () => {
  expect(objection(policy, weighed({}, 100, { training: { format: "csv" } }))).toBe(
    "data as csv is not taken",
  );
  expect(objection(policy, weighed({}, 100, { determinism: "cuda-sm90" }))).toBe(
    "it asks for a device of class cuda-sm90, this one is cpu-x86-fma",
  );
});
