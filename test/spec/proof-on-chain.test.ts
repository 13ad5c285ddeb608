/** What trainers compute and what the chain computes must be the same thing. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { jobSeed, defaultThresholds as onChain, type Thresholds } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { jobSeed as ofTrainer } from "../../trainer/proof/identity.ts";
import { defaultThresholds, type Thresholds as Manifest } from "../../trainer/proof/thresholds.ts";

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

test("the seed of a training is that of its proof", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), bytes, bytes, (order, trainer, randomness) => {
      const identity = { order, trainer: toHex(trainer), randomness: toHex(randomness) };
      expect(toHex(jobSeed(order, trainer, randomness))).toBe(toHex(ofTrainer(identity)));
    }),
  );
});

test("an order's default thresholds are a manifest's", () => {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const counts = new Set(["fresh", "lossEntries", "lossCheckpoints", "segments"]);
  const found = Object.fromEntries(
    (Object.keys(onChain) as (keyof Thresholds)[]).map((name) => {
      const value = Number(onChain[name]);
      return [camel(name), counts.has(camel(name)) ? value : value / 1e9];
    }),
  );
  expect(found as unknown as Manifest).toEqual(defaultThresholds);
});
