import { expect, test, vi } from "vitest";
import { Duties, type Duty } from "./duties.ts";

const quiet = { info: () => undefined, warn: vi.fn() };

/** A duty that ends when the test says so. */
function waiting(key: string) {
  const begun: { readonly signal: AbortSignal; end(block?: number): void; fail(): void }[] = [];
  const duty: Duty = {
    key,
    run: ({ signal }) =>
      new Promise((resolve, reject) => {
        begun.push({ signal, end: resolve, fail: () => reject(new Error("no")) });
      }),
  };
  return { duty, begun };
}

/** What promises do at once is done. */
const done = () => new Promise((resolve) => setImmediate(resolve));

test("a duty that is under way is not begun twice, and others go on beside it", () => {
  const [duties, one, two] = [new Duties(quiet), waiting("one"), waiting("two")];
  duties.see(1, [one.duty]);
  duties.see(2, [one.duty, two.duty]);
  expect([one.begun.length, two.begun.length, duties.running]).toEqual([1, 1, 2]);
});

test("blocks from before a step was known do not begin it again", async () => {
  const [duties, { duty, begun }] = [new Duties(quiet), waiting("one")];
  duties.see(1, [duty]);
  begun[0]!.end(5);
  await done();
  for (const block of [2, 3, 4]) duties.see(block, [duty]);
  expect(begun.length).toBe(1);
  duties.see(5, [duty]);
  expect(begun.length).toBe(2);
});

test("a failure is told, and tried again after a pause that grows and has an end", async () => {
  const [duties, { duty, begun }] = [new Duties(quiet), waiting("one")];
  const tries: number[] = [];
  for (let block = 0; block < 80; block++) {
    const before = begun.length;
    duties.see(block, [duty]);
    if (begun.length === before) continue;
    tries.push(block);
    begun.at(-1)!.fail();
    await done();
  }
  expect(tries).toEqual([0, 1, 3, 7, 15, 31, 47, 63, 79]);
  expect(quiet.warn).toHaveBeenLastCalledWith(
    "failed",
    expect.objectContaining({ duty: "one", failures: 9 }),
  );
});

test("what the chain does not ask for any more is stopped; one that fails then is not told", async () => {
  quiet.warn.mockClear();
  const [duties, { duty, begun }] = [new Duties(quiet), waiting("one")];
  duties.see(1, [duty]);
  duties.see(2, []);
  expect(begun[0]!.signal.aborted).toBe(true);
  begun[0]!.fail();
  await done();
  expect(duties.has("one")).toBe(false);
  expect(quiet.warn).not.toHaveBeenCalled();
  duties.see(3, [duty]);
  expect([begun.length, begun[1]!.signal.aborted]).toEqual([2, false]);
});

test("stop waits until all has ended", async () => {
  const [duties, { duty, begun }] = [new Duties(quiet), waiting("one")];
  duties.see(1, [duty]);
  const stopped = duties.stop();
  expect(begun[0]!.signal.aborted).toBe(true);
  begun[0]!.end();
  await stopped;
  expect(duties.running).toBe(0);
});

test("what is due is asked anew where a step is known, and where a failed one is to be tried again", async () => {
  const [duties, one, two] = [new Duties(quiet), waiting("one"), waiting("two")];
  duties.see(1, [one.duty, two.duty]);
  expect(duties.moved(1)).toBe(false);
  one.begun[0]!.end(4);
  two.begun[0]!.fail();
  await done();
  expect([2, 3, 4, 5].map((block) => duties.moved(block))).toEqual([true, false, true, false]);
  duties.see(2, [two.duty]);
  two.begun[1]!.end();
  await done();
  expect(duties.moved(6)).toBe(false);
});
