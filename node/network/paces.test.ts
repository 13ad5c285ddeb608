import { expect, test } from "vitest";
import { Paces, type Time } from "./paces.ts";
import type { Protocol } from "./types.ts";

const protocol = { name: "echo/1", perPeerPerSecond: 100, burst: 20 } as Protocol;

/** Time that goes by only when it is told to. */
class ToldTime implements Time {
  #now = 0;
  readonly #asleep = new Set<{ readonly until: number; wake(): void }>();

  now = () => this.#now;

  sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      this.#asleep.add({ until: this.#now + ms, wake: resolve });
      signal?.addEventListener("abort", () => reject(new Error("the timer's own words")));
    });

  /** Whoever wakes up meanwhile does so when it is over, as after a hang. */
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    for (const one of this.#asleep) {
      if (one.until > this.#now) continue;
      this.#asleep.delete(one);
      one.wake();
    }
    await new Promise(setImmediate);
  }
}

/** So many who want to ask a peer, and how many of them may so far. */
function crowd(time: Time, count: number, peer = "peer", paces = new Paces(0.5, time), signal?: AbortSignal) {
  let passed = 0;
  const all = Array.from({ length: count }, async () => {
    await paces.pass(peer, protocol, signal);
    passed++;
  });
  return { all, paces, passed: () => passed };
}

test("half of what the peer allows: so many at once, then so many a second, and each peer by itself", async () => {
  const time = new ToldTime();
  const { all, paces, passed } = crowd(time, 40);
  await time.pass(0);
  expect(passed()).toBe(10);
  for (let i = 0; i < 20; i++) await time.pass(10);
  expect(passed()).toBe(20);
  const other = crowd(time, 11, "other", paces);
  await time.pass(0);
  expect(other.passed()).toBe(10);
  for (let i = 0; i < 40; i++) await time.pass(10);
  await Promise.all([...all, ...other.all]);
});

test("a hang is not made up for: never more at once than the burst", async () => {
  const time = new ToldTime();
  const { passed } = crowd(time, 100);
  await time.pass(60_000);
  expect(passed()).toBe(20);
  await time.pass(60_000);
  expect(passed()).toBe(30);
});

test("who gives up waiting hears its own reason", async () => {
  const stop = new AbortController();
  const { all } = crowd(new ToldTime(), 11, "peer", undefined, stop.signal);
  const settled = Promise.allSettled(all);
  await new Promise(setImmediate);
  stop.abort(new Error("no longer wanted"));
  const rejected = (await settled).filter(({ status }) => status === "rejected");
  expect(rejected).toMatchObject([{ reason: { message: "no longer wanted" } }]);
});
