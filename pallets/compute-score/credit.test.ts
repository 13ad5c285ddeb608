import fc from "fast-check";
import { expect, test } from "vitest";
import { DispatchError } from "../../runtime/frame/dispatch-error.ts";
import { maxU128 } from "../../runtime/primitives/amounts.ts";
import { storage as system } from "../system/index.ts";
import { alice, bob, happened, testChain } from "../testing/chain.ts";
import { storage as timestamp } from "../timestamp/index.ts";
import { type Credit, computeScore, credit, type Kind, scoreOf, storage, weightOf } from "./index.ts";
import { fieldOf } from "./schema.ts";
import { realScore } from "./testing/real-score.ts";

const t0 = 1_700_000_000_000n;
const dayMs = 86_400_000n;
const ut = 1_000_000n;
const source = { type: "Task", value: 7 } as const;

/** A chain at the time t0 in which Alice's drilling has this effective score, in uut per day. */
function chainWith(uutPerDay: bigint) {
  const { ctx } = testChain();
  const before = { total: 0n, effective: uutPerDay << 128n, updated: t0 };
  storage.Scores.set(ctx, alice, {
    drilling: before,
    training: { total: 0n, effective: 0n, updated: 0n },
  });
  timestamp.Now.set(ctx, t0);
  return {
    ctx,
    /** Credits work at the time `at`, done since the time before, or as told. */
    credit(work: bigint, at: bigint, told: Partial<Credit> = {}): void {
      const start = timestamp.Now.get(ctx);
      timestamp.Now.set(ctx, at);
      credit(ctx, { trainer: alice, kind: "Drilling", work, start, end: at, source, ...told });
    },
    effective: () => storage.Scores.get(ctx, alice).drilling.effective,
  };
}

/** A decimal number in units of 10^-12. */
const pico = (text: string) => {
  const [whole, decimals = ""] = text.split(".");
  return BigInt(`${whole}${decimals.padEnd(12, "0")}`);
};

test.each([
  ["200", "604800", "0", "100"],
  ["200", "86400", "0", "181.144732852781"],
  ["200", "86400", "200", "200"],
  ["0", "86400", "200", "18.855267147219"],
  ["0", "604800", "1400", "100"],
  ["87.125", "12345.678", "33.25", "89.170206287057"],
  ["1000", "2592000", "0", "51.270959750477"],
])("%s ut per day, after %s s with %s ut: %s", (before, seconds, work, after) => {
  const chain = chainWith(pico(before) / 1_000_000n);
  chain.credit(pico(work) / 1_000_000n, t0 + pico(seconds) / 10n ** 9n);
  // Rounded to the twelve decimals of the expectation.
  expect((chain.effective() * 1_000_000n + (1n << 127n)) >> 128n).toBe(pico(after));
});

test("200 ut a day for ever are worth 200", () => {
  const chain = chainWith(0n);
  for (let day = 1n; day <= 400n; day++) chain.credit(200n * ut, t0 + day * dayMs);
  expect(scoreOf(chain.ctx, alice).drilling).toMatchObject({ total: 80_000n * ut, effective: 199_999_999n });
});

test("neither a first credit nor a burst after dust counts more than its work", () => {
  const first = chainWith(0n);
  first.credit(200n * ut, t0 + 1000n);
  const dusted = chainWith(0n);
  dusted.credit(1n, t0 + 1000n);
  dusted.credit(200n * ut, t0 + 2000n);
  // A week's worth of averaging: ln 2 / 7 of the work.
  for (const chain of [first, dusted]) expect(chain.effective() >> 128n).toBeLessThan(20n * ut);
});

const step = fc.record({
  work: fc.oneof(fc.bigInt(0n, 1000n), fc.bigInt(0n, 1n << 70n)),
  pause: fc.oneof(fc.bigInt(0n, 5000n), fc.bigInt(0n, 100n * dayMs)),
  length: fc.oneof(fc.bigInt(0n, 2000n), fc.bigInt(0n, 40n * dayMs)),
  delay: fc.bigInt(0n, 3n * dayMs),
});

test("scores are those of the formula over real numbers, to 10^-9 and far better", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 1n << 64n), fc.array(step, { maxLength: 12 }), (before, steps) => {
      const chain = chainWith(before);
      let at = t0;
      const credits = steps.map(({ work, pause, length, delay }) => {
        const start = at + pause;
        const end = start + length;
        at = end + delay;
        chain.credit(work, at, { start, end });
        return { work, start, end };
      });
      const real = realScore(before, t0, credits, at) >> (420n - 128n);
      const error = chain.effective() - real;
      const units = 3n * BigInt(steps.length) + 1n + (real >> 200n);
      expect(error <= units && -error <= units).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("thousands of small updates lose less than three units each", () => {
  const steps = 3000n;
  const chain = chainWith(100n * ut);
  for (let i = 1n; i <= steps; i++) chain.credit(13n, t0 + i * 6000n);
  const whole = [{ work: 13n * steps, start: t0, end: t0 + steps * 6000n }];
  const real = realScore(100n * ut, t0, whole, t0 + steps * 6000n) >> (420n - 128n);
  const error = real - chain.effective();
  expect(error > -3n * steps && error < 3n * steps).toBe(true);
});

test("how work is cut into credits makes no difference", () => {
  const cut = fc.tuple(fc.bigInt(1n, 1000n), fc.bigInt(1n, 1000n), fc.bigInt(1000n, dayMs));
  fc.assert(
    fc.property(cut, ([parts, work, ms]) => {
      const once = chainWith(0n);
      once.credit(3n * parts * work, t0 + 3n * parts * ms, { start: t0 });
      const often = chainWith(0n);
      const middle = t0 + parts * ms;
      often.credit(parts * work, t0 + 3n * parts * ms, { start: t0, end: middle });
      often.credit(2n * parts * work, t0 + 3n * parts * ms, { start: middle });
      const difference = once.effective() - often.effective();
      expect(difference > -8n && difference < 8n).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("what cannot be is refused, and changes nothing", () => {
  const chain = chainWith(5n);
  const before = storage.Scores.get(chain.ctx, alice);
  const refused = (work: bigint, told: Partial<Credit>) => {
    let reason: unknown;
    try {
      chain.credit(work, t0, told);
    } catch (error) {
      reason = error instanceof DispatchError ? error.reason : error;
    }
    expect(storage.Scores.get(chain.ctx, alice)).toEqual(before);
    return reason;
  };
  expect(refused(1n, { end: t0 + 1n })).toMatchObject({ name: "ImpossibleInterval" });
  expect(refused(1n, { start: t0, end: t0 - 1n })).toMatchObject({ name: "ImpossibleInterval" });
  expect(refused(maxU128 + 1n, {})).toMatchObject({ name: "TotalOverflow" });
  expect(happened(chain.ctx)).toEqual([]);
});

test("the largest total there can be is stored, and its score", () => {
  const chain = chainWith(0n);
  chain.credit(maxU128, t0 + 1000n);
  expect(scoreOf(chain.ctx, alice).drilling.total).toBe(maxU128);
});

test("a weight is four tenths of drilling and six of training at a moment", () => {
  const chain = chainWith(100n);
  chain.credit(0n, t0, { kind: "Training" });
  expect(weightOf(chain.ctx, alice, t0)).toBe(40n);
  expect(weightOf(chain.ctx, alice, t0 + 7n * dayMs)).toBe(20n);
  expect(weightOf(chain.ctx, alice, t0 - 1n)).toBe(40n);
  expect(weightOf(chain.ctx, bob, t0)).toBe(0n);
  chain.credit(70n * ut, t0 + 7n * dayMs, { kind: "Training" });
  // Half of 10 ut per day, and half of what drilling had.
  expect(weightOf(chain.ctx, alice, t0 + 7n * dayMs)).toBe((4n * 50n + 6n * 5n * ut) / 10n);
});

/** What somebody knows who has read the events of all blocks, and nothing else. */
function recount(events: readonly [name: string, fields: unknown][], trainer: Uint8Array, kind: Kind) {
  let total = 0n;
  let started = { effective: 0n, at: t0 };
  const credits: { work: bigint; start: bigint; end: bigint }[] = [];
  let at = t0;
  for (const [name, fields] of events) {
    const event = fields as Credit & { effective: bigint; at: bigint };
    if (event.kind !== kind || `${event.trainer}` !== `${trainer}`) continue;
    at = event.at;
    if (name === "ComputeScore.ScoreStarted") started = event;
    if (name !== "ComputeScore.Credited") continue;
    total += event.work;
    credits.push(event);
    expect(realScore(started.effective, started.at, credits, at) >> 420n).toBe(event.effective);
  }
  return { total, effective: realScore(started.effective, started.at, credits, at) };
}

test("scores can be recounted from events alone, found by the trainer's topic", () => {
  const { ctx } = testChain();
  computeScore.genesis?.build(ctx, { scores: [{ trainer: alice, drilling: 200n * ut, training: 0n }] });
  timestamp.Now.set(ctx, t0);
  computeScore.onFinalize?.(ctx, 1);
  for (let i = 1n; i <= 40n; i++) {
    const at = t0 + i * i * 1_000_000n;
    timestamp.Now.set(ctx, at);
    const trainer = i % 3n === 0n ? bob : alice;
    const kind = i % 2n === 0n ? "Drilling" : "Training";
    credit(ctx, { trainer, kind, work: i * 999_999n, start: at - i * 77_777n, end: at - i, source });
  }
  const events = happened(ctx);
  expect(events.filter(([name]) => name === "ComputeScore.ScoreStarted")).toHaveLength(1);
  for (const trainer of [alice, bob]) {
    expect(system.EventTopics.get(ctx, trainer).length).toBeGreaterThan(10);
    for (const kind of ["Drilling", "Training"] as const) {
      const stored = storage.Scores.get(ctx, trainer)[fieldOf[kind]];
      const { total, effective } = recount(events, trainer, kind);
      expect(total).toBe(stored.total);
      const error = (effective >> (420n - 128n)) - stored.effective;
      expect(error > -200n && error < 200n).toBe(true);
    }
  }
});
