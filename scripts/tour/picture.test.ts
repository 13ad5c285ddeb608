import { describe, expect, test } from "vitest";
import type { Explanation } from "../../trainer/client/queries.ts";
import { doing } from "./doing.ts";
import { tourOptions } from "./options.ts";
import { withNames } from "./people.ts";
import type { OrderPicture, Picture, TaskPicture } from "./picture.ts";
import { Found, withMemory } from "./subjects.ts";

const nobody = { units: [], orders: [], inspections: [], challenges: [], complete: true };
const machine = { available: true };
const facts = (duties: object, more: object = {}): Explanation =>
  ({
    stake: {},
    machines: [machine],
    drilling: { asking: false },
    duties: { ...nobody, ...duties },
    ...more,
  }) as unknown as Explanation;
const unit = (number: number, revealed = false) => ({ task: 2, unit: number, revealed });
const panel = (more: object) => ({
  order: 4,
  phase: "Committing",
  committed: false,
  revealed: false,
  ...more,
});

describe("what a trainer does", () => {
  test.each([
    ["starts", facts({}, { machines: [] })],
    ["its machine is not available", facts({}, { machines: [{ available: false }] })],
    ["waits for orders", facts({})],
    ["asks for work", facts({}, { drilling: { asking: true } })],
    ["is being measured", facts({ challenges: [{ state: "Issued" }] })],
    ["trains order 7", facts({ orders: [{ order: 7, state: "Training" }] })],
    ["inspects order 4", facts({ inspections: [panel({})] })],
    ["knows its verdict on order 4", facts({ inspections: [panel({ committed: true })] })],
    ["has judged order 4", facts({ inspections: [panel({ committed: true, revealed: true })] })],
    ["is silent on order 4", facts({ inspections: [panel({ phase: "Revealing" })] })],
    ["drills unit 3 of task 2", facts({ units: [unit(3), unit(5, true)] })],
    ["drills 2 units of task 2", facts({ units: [unit(3), unit(5)] })],
    [
      "trains order 7, drills unit 3 of task 2",
      facts({ orders: [{ order: 7, state: "Training" }], units: [unit(3)] }),
    ],
    ["is no trainer", facts({}, { stake: undefined })],
  ])("%s", (words, explanation) => expect(doing(explanation)).toBe(words));
});

const task: TaskPicture = { id: 2, state: "Active", units: 8, given: 8, agreed: 6, failed: 1, ayes: 1 };
const order: OrderPicture = {
  id: 4,
  state: "Judged",
  isOver: false,
  trainer: "Bob",
  buyer: "Ferdie",
  step: 90,
  steps: 90,
  anchored: 9,
  checkpoints: 9,
  losses: [2, 1],
  leftMs: undefined,
  deadline: 70,
  judges: [{ name: "Dave", said: "Accepted" }],
};
const picture = (more: Partial<Picture>) => ({ tasks: [], orders: [], ...more }) as unknown as Picture;

test("what the chain forgets of a task and an order stays in the picture", () => {
  const found = new Found();
  found.tasks.push(2);
  const before = picture({ tasks: [task], orders: [order] });
  const over = { ...order, state: "Completed", isOver: true, losses: [], judges: [], steps: 0 };
  const now = withMemory(before, picture({ orders: [over] }), found);
  expect(now.tasks).toEqual([{ ...task, state: "Closed", agreed: 7 }]);
  expect(now.orders).toEqual([{ ...order, state: "Completed", isOver: true, deadline: undefined }]);
  expect(withMemory(now, picture({ orders: [over] }), found)).toEqual(now);
});

test("the newest of what there is are shown", () => {
  const found = new Found();
  const placed = (number: number) => ({
    event: { type: "Marketplace", value: { type: "OrderPlaced", value: { order: number } } },
  });
  found.see({ hash: "0x", number: 1, events: [1, 2, 3, 4, 5].map(placed) } as never);
  expect(found.orders).toEqual([3, 4, 5]);
});

test("addresses of the test accounts become names, others stay", () => {
  const stranger = "5DTestUPts3kjeXSTMyerHihn1uwMfLj8vU8sqF7qYrFabHE";
  const text = `5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty pays ${stranger}`;
  expect(withNames(text)).toBe(`Bob pays ${stranger}`);
});

test("options have the usual ports, and what is wrong is named", () => {
  expect(tourOptions(["--fresh", "--no-tour", "--rpc-port", "0"])).toMatchObject({
    ...{ fresh: true, tour: false, json: false, rpcPort: 0, port: 30_333, metricsPort: 9_615 },
  });
  expect(() => tourOptions(["--rpc-port", "70000"])).toThrow(
    "--rpc-port takes a whole number from 0 to 65535",
  );
  expect(() => tourOptions(["--digits", "20"])).toThrow("from 500");
  expect(() => tourOptions(["--what"])).toThrow("--what");
});
