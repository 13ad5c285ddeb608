import { expect, test } from "vitest";
import { LogOptionError, parseLevels } from "./levels.ts";
import { createLog } from "./log.ts";

function collect(option: string) {
  const lines: string[] = [];
  const log = createLog({ levels: parseLevels(option), write: (line) => lines.push(line), colour: false });
  return { lines, log };
}

const withoutTime = (line: string | undefined) => line?.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /, "");

test("a line holds time, level, target, words and fields", () => {
  const { lines, log } = collect("");
  log.child("chain").info("imported block", { number: 5, hash: "0x12ab" });
  expect(lines).toHaveLength(1);
  expect(withoutTime(lines[0])).toBe("INFO  chain: imported block number=5 hash=0x12ab\n");
});

test("levels are set per target", () => {
  const { lines, log } = collect("warn,pool=debug,rpc=off");
  log.child("chain").info("hidden");
  log.child("chain").warn("shown");
  log.child("pool").debug("shown too");
  log.child("rpc").error("never");
  expect(lines.map(withoutTime)).toEqual(["WARN  chain: shown\n", "DEBUG pool: shown too\n"]);
});

test("levels can be changed while it runs, and put back", () => {
  const { lines, log } = collect("warn");
  const pool = log.child("pool");
  log.addFilter("pool=debug");
  pool.debug("now shown");
  expect(() => log.addFilter("pool=loud")).toThrow(LogOptionError);
  pool.debug("still shown");
  log.resetFilter();
  pool.debug("hidden again");
  log.child("chain").warn("always");
  expect(lines).toHaveLength(3);
});

test("outside text cannot forge a line", () => {
  const { lines, log } = collect("");
  log.info("peer said", { name: "x\n2026-01-01 00:00:00 ERROR node: fake" });
  expect(lines[0]?.split("\n")).toHaveLength(2);
});

test("an error is its message with its causes, without a stack", () => {
  const { lines, log } = collect("");
  log.error("stopped", { error: new Error("cannot write", { cause: new Error("disk full") }) });
  expect(withoutTime(lines[0])).toBe('ERROR node: stopped error="cannot write: disk full"\n');
  log.error("stopped", {
    error: new Error("full (disk full): free some space", { cause: new Error("disk full") }),
  });
  expect(withoutTime(lines[1])).toBe('ERROR node: stopped error="full (disk full): free some space"\n');
});

test.each(["loud", "pool=loud", "=info", "pool="])("%s is refused with what would be right", (option) => {
  expect(() => parseLevels(option)).toThrow(LogOptionError);
  expect(() => parseLevels(option)).toThrow(/trace, debug, info, warn, error, off/);
});
