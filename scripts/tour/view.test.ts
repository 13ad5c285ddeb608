import { expect, test } from "vitest";
import type { OrderPicture, Picture } from "./picture.ts";
import { openScreen } from "./screen.ts";
import { Story } from "./story.ts";
import { bar, type Shown, stepLine, viewLines } from "./view.ts";

const order: OrderPicture = {
  id: 3,
  state: "Training",
  isOver: false,
  trainer: "Bob",
  buyer: "Ferdie",
  step: 600,
  steps: 1200,
  anchored: 6,
  checkpoints: 12,
  losses: [2, 1.5, 1, 0.5, 0.25, 0.125],
  leftMs: 12_000,
  deadline: 90,
  judges: [],
};
const trainer = (name: string, now: string) => ({
  name,
  share: 0.25,
  nextShare: 0.4,
  drilling: 250_000n,
  training: 1_500_000n,
  measured: 200_000_000n,
  rewards: 1_234_567_890_123n,
  now,
});
const picture: Picture = {
  chain: "Development",
  block: 40,
  best: 41,
  author: "Alice",
  epoch: 2,
  slotsLeft: 5,
  slotMs: 2_000,
  trainers: [trainer("Alice", "waits for orders"), trainer("Bob", "trains order 3")],
  tasks: [
    { id: 0, state: "Voting", units: 8, given: 0, agreed: 0, failed: 0, ayes: 0.75 },
    { id: 1, state: "Active", units: 8, given: 6, agreed: 4, failed: 1, ayes: 1 },
  ],
  orders: [order, { ...order, id: 4, state: "Inspecting", judges: [{ name: "Dave", said: "committed" }] }],
};
const shown: Shown = {
  url: "ws://127.0.0.1:9944",
  elapsedMs: 65_000,
  picture,
  steps: [
    { title: "A node begins the chain", state: "done", began: 0, ended: 2_000, detail: "block 1" },
    { title: "The model is trained", state: "running", began: 60_000, ended: undefined, detail: "" },
  ],
  news: Array.from({ length: 9 }, (_, i) => `news ${i}`),
  summary: [],
};

test("the view tells of chain, trainers, tasks, orders, steps and news", () => {
  expect(viewLines(shown)).toMatchInlineSnapshot(`
    [
      "MatrixAI  1:05  ws://127.0.0.1:9944  Ctrl-C ends it",
      "",
      "Development: block 41, final 40 by Alice; epoch 2, the next in 10 s",
      "",
      "trainer  lottery    next  drilled  trained  rewards on hold",
      "Alice     25.0 %  40.0 %  0.25 ut   1.5 ut        1.234 MAI  waits for orders",
      "Bob       25.0 %  40.0 %  0.25 ut   1.5 ut        1.234 MAI  trains order 3",
      "",
      "task 0   ░░░░░░░░░░░░░░░░░░░░░░░░ trainers vote: 75.0 % of the votes for it",
      "task 1   ███████████████░░░░░░░░░ 4 of 8 units agreed on, 1 failed, 1 under way",
      "",
      "order 3  ████████████░░░░░░░░░░░░ Training by Bob for Ferdie, until block 90 at the latest",
      "         checkpoint 6 of 12, step 600 of 1200  loss 0.125 █▆▄▂▁▁  about 12 s left",
      "order 4  ████████████░░░░░░░░░░░░ Inspecting by Bob for Ferdie, until block 90 at the latest",
      "         checkpoint 6 of 12, step 600 of 1200  loss 0.125 █▆▄▂▁▁  about 12 s left",
      "         Dave: committed",
      "",
      "✓ A node begins the chain: block 1 (2 s)",
      "· The model is trained (5 s)",
      "",
      "  news 3",
      "  news 4",
      "  news 5",
      "  news 6",
      "  news 7",
      "  news 8",
    ]
  `);
});

test("at the end the summary takes the place of the steps, and news go on", () => {
  const lines = viewLines({ ...shown, summary: ["the model is there"] });
  expect(lines).toContain("the model is there");
  expect(lines.at(-1)).toBe("  news 8");
  expect(lines.join()).not.toContain("A node begins");
});

test("where there is little room, news go first, then steps that are done", () => {
  expect(viewLines(shown, 25).slice(-3)).toEqual(["  news 6", "  news 7", "  news 8"]);
  expect(viewLines(shown, 20).slice(-2)).toEqual([
    "✓ A node begins the chain: block 1 (2 s)",
    "· The model is trained (5 s)",
  ]);
  expect(viewLines(shown, 18).at(-1)).toBe("· The model is trained (5 s)");
  for (let rows = 1; rows < 30; rows++) expect(viewLines(shown, rows).length).toBeLessThanOrEqual(rows);
});

test("before the chain is there, only the steps are shown", () => {
  const lines = viewLines({ ...shown, picture: undefined, news: [] });
  expect(lines).toHaveLength(4);
});

test.each([
  [0, 0, "░░░░"],
  [1, 4, "█░░░"],
  [4, 4, "████"],
  [9, 4, "████"],
])("a bar of %i of %i", (done, all, text) => expect(bar(done, all, 4)).toBe(text));

test("a step that fails keeps its reason, and its error goes on", async () => {
  let now = 1_000;
  const told: string[] = [];
  const story = new Story(
    () => now,
    (step) => void told.push(stepLine(step, now)),
  );
  const failing = story.step("Order", async () => {
    now = 4_000;
    throw new Error("no machine is for hire");
  });
  await expect(failing).rejects.toThrow("no machine is for hire");
  await story.step("Pay", async () => ({ result: 1, detail: "paid" }));
  expect(told).toEqual([
    "· Order (0 s)",
    "✗ Order: no machine is for hire (3 s)",
    "· Pay (0 s)",
    "✓ Pay: paid (0 s)",
  ]);
});

const written = (isTTY: boolean, isJson: boolean) => {
  const parts: string[] = [];
  const out = { isTTY, rows: 8, columns: 30, write: (text: string) => parts.push(text) > 0 };
  const screen = openScreen(out, isJson, () => 65_000);
  const step = shown.steps[0]!;
  screen.step(step);
  screen.news("task 0 is approved");
  screen.draw(shown);
  screen.draw(shown);
  screen.summary(["all is well"], { order: 3, work: 5n });
  return parts;
};

test("a terminal is drawn over, no higher and no wider than it is", () => {
  const [first, second, ...more] = written(true, false);
  expect(more).toEqual([]);
  expect(second).toBe(`\x1b[7A${first}`);
  const lines = first!.replace("\x1b[J", "").split("\n");
  expect(lines).toHaveLength(8);
  for (const line of lines) expect(line.length).toBeLessThan(30);
});

test("a pipe gets a line for each thing that happens", () => {
  expect(written(false, false).join("")).toBe(
    " 1:05  ✓ A node begins the chain: block 1 (2 s)\n 1:05  task 0 is approved\n\nall is well\n",
  );
});

test("a program gets documents", () => {
  const documents = written(false, true).map((line) => JSON.parse(line));
  expect(documents).toEqual([
    { at: 65_000, type: "step", ...shown.steps[0] },
    { at: 65_000, type: "news", line: "task 0 is approved" },
    { at: 65_000, type: "summary", order: 3, work: "5" },
  ]);
});
