import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FinalBlock } from "../../client/final-blocks.ts";
import { tensor } from "../../engine/tensor.ts";
import { Best } from "./best.ts";
import { emptyHistory, takeBlock } from "./history.ts";
import { keepRecord, recordOf, type TaskRecord } from "./record.ts";
import { labelLines, lineOf } from "./report.ts";

const [alice, bob] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const [right, wrong] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(9)];

/** Blocks with events of the drilling pallet, each in an extrinsic of its own. */
function told(...blocks: (readonly (readonly [string, object])[])[]) {
  const history = emptyHistory();
  for (const [i, events] of blocks.entries()) {
    const records = events.map(([type, value], index) => ({
      phase: { type: "ApplyExtrinsic", value: index },
      event: { type: "Drilling", value: { type, value: { task: 3, ...value } } },
      topics: [],
    }));
    takeBlock(history, 3, { number: 10 + i, hash: "", events: records as unknown as FinalBlock["events"] });
  }
  return history;
}
const agreed = (unit: number, result: Uint8Array, round = 1) =>
  ["UnitAgreed", { unit, round, result, basis: "Unanimity", trainers: [alice, bob], work: 5n }] as const;
const formed = (unit: number) => ["QuorumFormed", { unit }] as const;

describe("a task's history", () => {
  test("has what members agreed on, and where that is told; events of other tasks are not its own", () => {
    const other = ["UnitAgreed", { ...agreed(0, wrong)[1], task: 4 }] as const;
    const history = told([["TaskApproved", {}]], [formed(0), formed(1)], [other, agreed(0, right)]);
    expect(history.state).toBe("Active");
    expect(history.units.get(0)?.agreed).toMatchObject({ result: right, block: 12, extrinsic: 1, work: 5n });
    expect(history.units.get(1)?.agreed).toBeUndefined();
    expect(history.end).toBeUndefined();
  });

  test("takes an agreement back that a canary refutes, and the next one in its place", () => {
    const opened = ["CanaryOpened", { unit: 0, held: false }] as const;
    const doubted = told([agreed(0, wrong)], [opened]);
    expect(doubted.units.get(0)).toMatchObject({ canary: false });
    expect(doubted.units.get(0)?.agreed).toBeUndefined();
    const settled = told([agreed(0, wrong)], [opened], [agreed(0, right, 2)]);
    expect(settled.units.get(0)?.agreed).toMatchObject({ result: right, round: 2 });
  });

  test("says why a unit has no result, and ends with its task", () => {
    const history = told(
      [formed(2)],
      [
        ["UnitClosed", { unit: 2, reason: "NoTruth" }],
        ["TaskClosed", { refunded: 8n, agreed: 4, failed: 1 }],
      ],
    );
    expect(history.end).toEqual({ state: "Closed", refunded: 8n, agreed: 4, failed: 1 });
    const line = lineOf(2, history.units.get(2), undefined, { files: undefined, isOver: true });
    expect(line.failed).toBe("its members found different results in every round");
    expect(lineOf(5, undefined, undefined, { files: ["a.png"], isOver: true })).toEqual({
      unit: 5,
      files: ["a.png"],
      failed: "it was given to nobody",
    });
    expect(lineOf(5, undefined, undefined, { files: undefined, isOver: false }).failed).toMatch(/yet$/);
  });
});

test("labels are those of the files, without what filled the unit up", () => {
  const three = { label: tensor("int64", [3], BigInt64Array.of(4n, 5n, 5n)) };
  expect(labelLines(["a.png", 'b,"c".png'], three)).toEqual(["a.png,4", '"b,""c"".png",5']);
  expect(labelLines(["a.png"], { score: tensor("int64", [1, 3], new BigInt64Array(3)) })).toBeUndefined();
});

test("the best unit is the first of the best, and results without such a number are an error", () => {
  const of = (value: number) => ({ right: tensor("int64", [], BigInt64Array.of(BigInt(value))) });
  const [most, least] = [new Best("right", false), new Best("right", true)];
  for (const [unit, value] of [4, 9, 9, 1].entries())
    for (const best of [most, least]) best.take(unit, of(value));
  expect(most.found).toEqual({ unit: 1, value: 9n });
  expect(least.found).toEqual({ unit: 3, value: 1n });
  expect(() => new Best("loss", false).take(0, of(1))).toThrow(
    /no single number called loss; they have right \[\]/,
  );
});

describe("a record", () => {
  const folder = mkdtempSync(join(tmpdir(), "matrixai-records-"));
  const hash = `0x${"ab".repeat(32)}`;
  const record: TaskRecord = {
    version: 1,
    genesis: hash,
    project: 0,
    model: hash,
    inputs: hash,
    units: [["a.png"]],
    canaries: [],
  };

  test("is found by the task's number on its own chain, and another attempt does not take its place", async () => {
    const path = await keepRecord({ records: folder }, record);
    expect(recordOf({ records: folder }, hash, 6)).toBeUndefined();
    expect(await keepRecord({ records: folder }, { ...record, task: 6 }, path)).toBe(path);
    // The same files once more.
    expect(await keepRecord({ records: folder }, { ...record, task: 7 })).not.toBe(path);
    expect(recordOf({ records: folder }, hash, 7)).toEqual({ ...record, task: 7 });
    expect(recordOf({ records: folder }, hash, 6)).toEqual({ ...record, task: 6 });
    expect(recordOf({ records: folder }, `0x${"00".repeat(32)}`, 6)).toBeUndefined();
    expect(recordOf({ records: join(folder, "nowhere") }, hash, 6)).toBeUndefined();
  });

  test("that is broken is named", () => {
    writeFileSync(join(folder, "0.json"), "{}");
    expect(() => recordOf({ records: folder }, hash, 6)).toThrow(/0\.json is no record of a task/);
    rmSync(folder, { recursive: true });
  });
});
