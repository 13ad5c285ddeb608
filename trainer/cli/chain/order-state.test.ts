import { expect, test } from "vitest";
import { outcomes } from "../../../pallets/marketplace/index.ts";
import { curve, etaMs, exitCodeOf, outcomeText, stateText } from "./order-state.ts";

const anchor = (index: number, step: number, block: number) => ({
  index,
  step,
  block,
  loss: 0n,
  link: new Uint8Array(32),
});

test("time left follows the pace between the first checkpoint and the last, less what has passed since", () => {
  const anchors = [anchor(0, 0, 100), anchor(1, 50, 110)];
  expect(etaMs(anchors, 200, 110, 6_000)).toBe(30 * 6_000);
  expect(etaMs(anchors, 200, 120, 6_000)).toBe(20 * 6_000);
  expect(etaMs(anchors, 200, 500, 6_000)).toBe(0);
  expect(etaMs(anchors.slice(0, 1), 200, 110, 6_000)).toBeUndefined();
  expect(etaMs([], 200, 110, 6_000)).toBeUndefined();
});

test("a curve goes from its highest to its lowest value, and shows the newest where there are many", () => {
  expect(curve([8, 7, 6, 5, 4, 3, 2, 1])).toBe("█▇▆▅▄▃▂▁");
  expect(curve([1, 1, 1])).toBe("▁▁▁");
  expect(curve([])).toBe("");
  expect(curve([9, 1, 8], 2)).toBe("▁█");
});

test("every end has its sentence, and only a model ends well", () => {
  for (const outcome of outcomes) expect(outcomeText[outcome]).not.toBe("");
  expect(outcomes.map(exitCodeOf)).toEqual([0, 3, 6, 6, 6, 6, 6]);
});

test("a state says what it waits for, and until when", () => {
  expect(stateText({ state: "Placed", deadline: 9, bids: 2 })).toBe(
    "Placed: waits for a trainer, until block 9 at the latest, 2 bids so far",
  );
});
