import { expect, test } from "vitest";
import { taskTopic } from "../../pallets/drilling/index.ts";
import { machineTopic } from "../../pallets/machines/index.ts";
import { orderTopic } from "../../pallets/marketplace/index.ts";
import type { FinalBlock } from "../client/final-blocks.ts";
import type { View } from "./view.ts";
import { Watch } from "./watch.ts";

const account = new Uint8Array(32).fill(1);
const machine = new Uint8Array(16).fill(2);

const blockOf = (number: number, name = "System.ExtrinsicSuccess", ...topics: Uint8Array[]): FinalBlock => {
  const [type, event] = name.split(".");
  const record = { phase: undefined, event: { type, value: { type: event, value: {} } }, topics };
  return { number, hash: "0x", events: [record] } as unknown as FinalBlock;
};

function watching({ from = [] as number[], placed = [] as number[] } = {}): Watch {
  const watch = new Watch(account);
  const duties = { orders: [], challenges: [], complete: true };
  const inspections = [{ order: 5 }];
  const units = [{ task: 8 }, { task: 8 }];
  const view = {
    block: 100,
    orders: new Map([[3, {}]]),
    facts: { duties: { ...duties, inspections, units } },
  };
  watch.saw(view as unknown as View, { machines: [machine], placed, from });
  return watch;
}

test("a block is looked at that names the account, its machines, or the orders and tasks that it works on", () => {
  const watch = watching({ placed: [9] });
  const named = [account, machineTopic(machine), orderTopic(3), orderTopic(5), orderTopic(9), taskTopic(8)];
  for (const topic of named)
    expect(watch.concerns(blockOf(101, "Any.Event", new Uint8Array(32), topic))).toBe(true);
  const others = [new Uint8Array(32).fill(2), orderTopic(4), taskTopic(3), machineTopic(new Uint8Array(16))];
  expect(watch.concerns(blockOf(101, "Any.Event", ...others))).toBe(false);
  expect(watch.concerns(blockOf(101))).toBe(false);
});

test.each(["Poh.EpochStarted", "Marketplace.OrderPlaced", "Drilling.TaskPublished", "Drilling.TaskApproved"])(
  "%s is for everybody",
  (name) => expect(watching().concerns(blockOf(101, name))).toBe(true),
);

test("the first block is looked at, one after long silence, one where something begins, and one after a failure", () => {
  expect(new Watch(account).concerns(blockOf(1))).toBe(true);
  expect([149, 150].map((number) => watching().concerns(blockOf(number)))).toEqual([false, true]);
  const resting = watching({ from: [90, 120] });
  expect([119, 120].map((number) => resting.concerns(blockOf(number)))).toEqual([false, true]);
  resting.again();
  expect(resting.concerns(blockOf(101))).toBe(true);
});
