/** `node --trainer`: the daemon of a trainer beside its node, which may be killed, drained, and ends with the node. */
import { expect, test, vi } from "vitest";
import { startNode } from "./node-process.ts";

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const patience = { timeout: 600_000, interval: 100 };

test("it follows the chain, is started again when it is killed, drains, and leaves the node at work", async () => {
  const node = await startNode(["--trainer"]);
  /** Processes of the daemon, as the node tells of them. */
  const pids = () =>
    [...node.output().matchAll(/runs beside the node pid=(\d+)/g)].map(([, pid]) => Number(pid));
  const follows = () => node.output().match(/agent: follows the chain/g)?.length ?? 0;
  try {
    await vi.waitFor(() => expect(follows()).toBe(1), patience);
    expect(node.output()).toContain("account=5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
    process.kill(pids()[0]!, "SIGKILL");
    await vi.waitFor(() => expect(follows()).toBe(2), patience);
    expect(node.output()).toContain("the trainer ended with SIGKILL; it is started again");
    process.kill(node.pid, "SIGUSR2");
    await vi.waitFor(() => expect(node.output()).toContain("the trainer has ended"), patience);
    expect(pids().map(isAlive)).toEqual([false, false]);
    expect(isAlive(node.pid)).toBe(true);
  } finally {
    await node.stop();
  }
});

test("it ends with the node, even where the node is killed", async () => {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const node = await startNode(["--trainer", "--bob"]);
    await vi.waitFor(() => expect(node.output()).toContain("agent: follows the chain"), patience);
    const pid = Number(/runs beside the node pid=(\d+)/.exec(node.output())?.[1]);
    expect(isAlive(pid)).toBe(true);
    process.kill(node.pid, signal);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), patience);
    await vi.waitFor(() => expect(isAlive(node.pid)).toBe(false), patience);
  }
});
