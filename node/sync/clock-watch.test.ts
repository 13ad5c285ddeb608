import { expect, test } from "vitest";
import { createLog } from "../log/log.ts";
import { ClockWatch } from "./clock-watch.ts";

const slotMs = 6_000;
const slot = 1_000_000n;

/** A watch whose clock shows this many seconds after the beginning of `slot`. */
function watchAt(seconds: number) {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), colour: false });
  return {
    lines,
    watch: new ClockWatch({ slotMs, clock: () => Number(slot) * slotMs + seconds * 1000 }, log),
  };
}

test("a block within two slots of its own shows nothing wrong", () => {
  for (const seconds of [0, 3, 6, 14, -8]) {
    const { watch, lines } = watchAt(seconds);
    watch.observe("a", slot);
    expect(watch.offMs, `${seconds} s`).toBe(0);
    expect(lines).toEqual([]);
  }
});

test("a clock that is ahead or behind is told once, with the seconds", () => {
  const ahead = watchAt(63);
  ahead.watch.observe("a", slot);
  ahead.watch.observe("b", slot);
  expect(ahead.lines).toHaveLength(1);
  expect(ahead.lines[0]).toContain("about 60 s ahead of");
  const behind = watchAt(-57);
  behind.watch.observe("a", slot);
  expect(behind.lines[0]).toContain("about 60 s behind");
});

test("fewer than half of the peers move nothing, however often they speak", () => {
  const { watch, lines } = watchAt(3);
  for (const honest of ["a", "b", "c"]) watch.observe(honest, slot);
  for (let i = 0; i < 100; i++) for (const liar of ["x", "y"]) watch.observe(liar, slot + 10_000n);
  expect(watch.offMs).toBe(0);
  expect(lines).toEqual([]);
});
