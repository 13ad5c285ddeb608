import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { barLine } from "./progress-bar.ts";
import { openTerminal } from "./terminal.ts";

const shown = { label: "order 7", done: 45, total: 180, detail: "loss 0.31" };

test("a bar has the width that words leave it", () => {
  expect(barLine(shown, 100)).toBe(`order 7 [${"■".repeat(10)}${" ".repeat(30)}] 25% 45/180 loss 0.31`);
  expect(barLine(shown, 50)).toBe(`order 7 [${"■".repeat(4)}${" ".repeat(14)}] 25% 45/180 loss 0.31`);
  expect(barLine(shown, 30)).toBe("order 7 [■■      ] 25% 45/180");
  expect(barLine({ ...shown, done: 200, detail: "" }, 80)).toContain("100% 200/180");
  expect(barLine({ ...shown, done: 0, total: 0 }, 80)).toContain("0% 0/0");
});

test("it never breaks the line", () => {
  const cases = [
    fc.record({
      label: fc.string(),
      done: fc.nat(),
      total: fc.nat(),
      detail: fc.string({ unit: "grapheme" }),
    }),
    fc.integer({ min: 1, max: 200 }),
  ] as const;
  fc.assert(
    fc.property(...cases, (bar, columns) => {
      expect([...barLine(bar, columns)].length).toBeLessThanOrEqual(Math.max(1, columns - 1));
    }),
  );
});

const esc = "\u001b";
/** Commands to move and clear, and whatever else is written. */
const pieces = new RegExp(`(${esc}\\[\\d*[A-K])|([^${esc}])`, "gu");

/** What a terminal shows in the end, of what was written to it. */
function screenOf(written: string): string[] {
  const lines = [""];
  let [row, column] = [0, 0];
  for (const [, command, text] of written.matchAll(pieces)) {
    const line = lines[row] ?? "";
    if (command?.endsWith("G")) column = Number(command.slice(2, -1)) - 1;
    else if (command?.endsWith("K")) lines[row] = line.slice(0, command.includes("2") ? 0 : column);
    else if (command !== undefined)
      throw new Error(`a command that is not read here: ${JSON.stringify(command)}`);
    else if (text === "\n") [row, column] = [row + 1, 0];
    else {
      lines[row] = line.padEnd(column).slice(0, column) + text + line.slice(column + 1);
      column++;
    }
  }
  return lines.map((line) => line.trimEnd()).filter((line) => line !== "");
}

test("what is told while a bar stands is a line of its own above it, and commands nothing", () => {
  const { stderr } = process;
  const before = { isTTY: stderr.isTTY, columns: stderr.columns };
  Object.assign(stderr, { isTTY: true, columns: 40 });
  let written = "";
  const write = vi.spyOn(stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
  try {
    const terminal = openTerminal(false);
    const bar = terminal.progress("order 7", 100);
    bar.update(10, "waiting for a trainer that would do it");
    terminal.note("block 5: a trainer has accepted it, by a note that is longer than the line");
    bar.update(100, "\u001b[2Jdone");
    terminal.note("block 9: over");
    bar.stop();
    terminal.note("after");
  } finally {
    write.mockRestore();
    Object.assign(stderr, before);
  }
  expect(screenOf(written)).toEqual([
    "block 5: a trainer has accepted it, by a note that is longer than the line",
    "block 9: over",
    expect.stringMatching(/^order 7 \[■+\] 100% 100\/100 .?\[2J/),
    "after",
  ]);
});
