import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Figures } from "./figures.ts";
import type { View } from "./view.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-figures-"));
afterAll(() => rmSync(folder, { recursive: true }));

const mai = 10n ** 12n;
const kind = (total: bigint) => ({ total, effective: 0n, effective_exact: 0n });
const view = (change: Partial<View["facts"]> = {}, states: readonly string[] = []): View =>
  ({
    block: 90,
    orders: new Map(states.map((state, i) => [i, { state }])),
    facts: {
      epoch: 9n,
      stake: { bond: 1_000n * mai },
      score: { drilling: kind(5n), training: kind(70n), weight: 47n },
      machines: [{ id: new Uint8Array(16).fill(1), measured: 86_400n, heartbeat: 7n }],
      vested: mai / 2n,
      vesting: 3n * mai,
      penalties: [],
      duties: { orders: [], inspections: [], units: [], challenges: [], complete: true },
      ...change,
    },
  }) as unknown as View;

const told = async (figures: Figures) => {
  const text = await figures.registry.metrics();
  return text.split("\n").filter((line) => line.startsWith("matrixai_trainer_"));
};

test("what the chain says of a trainer is told in MAI, uut and epochs", async () => {
  const figures = new Figures(folder);
  const inspections = ["Committing", "Committing", "Revealing"].map((phase) => ({ phase }));
  const duties = { orders: [], inspections, units: [{ state: "Working" }], challenges: [], complete: true };
  figures.saw(view({ duties } as never, ["Training", "Judged", "Training"]), 25n * (mai / 10n));
  expect(await told(figures)).toEqual(
    expect.arrayContaining([
      'matrixai_trainer_orders{state="Training"} 2',
      'matrixai_trainer_orders{state="Judged"} 1',
      'matrixai_trainer_seats{phase="Committing"} 2',
      'matrixai_trainer_units{state="Working"} 1',
      'matrixai_trainer_credited_uut{kind="training"} 70',
      "matrixai_trainer_score_uut_per_day 47",
      `matrixai_trainer_heartbeat_age_epochs{machine="0x${"01".repeat(16)}"} 2`,
      "matrixai_trainer_balance_mai 2.5",
      "matrixai_trainer_bond_mai 1000",
      'matrixai_trainer_rewards_mai{state="vested"} 0.5',
      "matrixai_trainer_block 90",
    ]),
  );
  figures.saw(view(), 0n);
  expect((await told(figures)).filter((line) => /orders|seats|units/.test(line))).toEqual([]);
});

test("steps, losses and failures are counted while they happen", async () => {
  const figures = new Figures(folder);
  const seen = figures.training(7, 40);
  seen({ step: 60, loss: 1.5 });
  seen({ step: 80, loss: 1.25 });
  figures.failed("order/7");
  figures.failed("inspection/8/0");
  figures.failed("order/9");
  const lines = await told(figures);
  expect(lines).toEqual(
    expect.arrayContaining([
      "matrixai_trainer_steps_total 40",
      'matrixai_trainer_loss{order="7"} 1.25',
      'matrixai_trainer_duty_failures_total{duty="order"} 2',
      'matrixai_trainer_duty_failures_total{duty="inspection"} 1',
    ]),
  );
  figures.trained(7);
  expect((await told(figures)).some((line) => line.includes("_loss"))).toBe(false);
});

test("the folder is measured when it is asked for", async () => {
  const own = join(folder, "own");
  mkdirSync(join(own, "journal"), { recursive: true });
  const figures = new Figures(own);
  writeFileSync(join(own, "journal", "log"), new Uint8Array(100));
  writeFileSync(join(own, "data"), new Uint8Array(1_000));
  expect(await told(figures)).toEqual(
    expect.arrayContaining(["matrixai_trainer_disk_bytes 1100", "matrixai_trainer_journal_bytes 100"]),
  );
});
