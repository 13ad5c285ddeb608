import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import type { Log } from "../log/log.ts";
import { TrainerProcess } from "./trainer-process.ts";

const lines: string[] = [];
const say = (message: string) => void lines.push(message);
const log: Log = { trace: say, debug: say, info: say, warn: say, error: say, child: () => log };
/** In ms, for a machine that has other things to do. */
const patience = 120_000;
const said = (text: string) => vi.waitFor(() => expect(lines.join("\n")).toContain(text), patience);

let running: TrainerProcess | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
  lines.length = 0;
});

/** Runs a program that is given as text, as the daemon. */
const run = (code: string): TrainerProcess => {
  running = new TrainerProcess({
    command: [process.execPath, "-e", code],
    secret: "//Eve",
    log,
    pauseMs: 10,
  });
  return running;
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Lives until its parent closes the channel; answers a drain by ending. */
const daemon =
  "process.on('disconnect', () => process.exit(0)); process.on('SIGUSR2', () => process.exit(0));";

test("it has the trainer's secret, and ends when it is told to", async () => {
  const trainer = run(`if (process.env.MATRIXAI_SECRET !== '//Eve') process.exit(2); ${daemon}`);
  const pid = trainer.pid!;
  await pause(300);
  expect(isAlive(pid)).toBe(true);
  await trainer.stop();
  expect(isAlive(pid)).toBe(false);
  expect(lines).toEqual(["the trainer runs beside the node", "the trainer has ended"]);
  await trainer.stop();
});

test("one that fails is started again, later each time", async () => {
  run("process.exit(1)");
  await vi.waitFor(
    () => expect(lines.filter((line) => line.includes("ended with 1")).length).toBe(3),
    patience,
  );
});

test("one that is killed is started again; one whose set-up is wrong is not", async () => {
  const trainer = run(daemon);
  const first = trainer.pid!;
  process.kill(first, "SIGKILL");
  await said("ended with SIGKILL; it is started again");
  await vi.waitFor(() => expect(trainer.pid).not.toBe(first), patience);
  await trainer.stop();
  run("process.exit(2)");
  await said("the node goes on without it");
  expect(running?.pid).toBeUndefined();
});

test("one that drains is not started again", async () => {
  const trainer = run(`${daemon} setInterval(() => {}, 1000);`);
  await pause(300);
  trainer.drain();
  await said("the trainer has ended");
  expect(trainer.pid).toBeUndefined();
});

test("a program that is not there is said, and tried again", async () => {
  running = new TrainerProcess({ command: ["/nowhere/matrixai"], secret: "//Eve", log, pauseMs: 10 });
  await said("could not be started");
});
