import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bondFor, constants, maxRefused, type Task } from "../../../pallets/drilling/index.ts";
import { askFor, type Situation } from "./asking.ts";
import { unitsInWindow } from "./capacity.ts";
import { sameWishes, wishes } from "./wishes.ts";

const dayMs = 86_400_000n;
const mai = 10n ** 12n;
/** A unit of 1 ut on a machine of 86,400 ut a day takes a second. */
const pace = { slotMs: 1_000n, haste: 1 };
const measured = 86_400n * 1_000_000n;
const task = (change: Partial<Task> = {}): Task => ({
  project: 0,
  owner: new Uint8Array(32),
  state: "Active",
  units: 100,
  difficulty: 1_000_000n,
  quorum: 2,
  reward: mai,
  commit_window: 65,
  reveal_window: 60,
  canary_window: undefined,
  value: mai,
  budget: 0n,
  deposit: 0n,
  next: 0,
  open: 0,
  agreed: 0,
  failed: 0,
  vote_ends: 0,
  ayes: 0n,
  nays: 0n,
  ...change,
});
const machine = (mark: number, units = 0) => ({ id: new Uint8Array(16).fill(mark), measured, units });
const situation = (change: Partial<Situation> = {}): Situation => ({
  free: [machine(1)],
  tasks: [task()],
  seats: 0,
  funds: 1_000n * mai,
  options: { units: 8, maxBond: mai },
  pace,
  ...change,
});
const asked = (change: Partial<Situation> = {}) => askFor(situation(change))?.units;

describe("units in a window", () => {
  test("are what the measured capacity does in it, less what finality takes, by haste", () => {
    expect(unitsInWindow(task(), { ...pace, measured })).toBe(60);
    expect(unitsInWindow(task(), { ...pace, measured, haste: 2.5 })).toBe(24);
    expect(unitsInWindow(task({ difficulty: 61_000_000n }), { ...pace, measured })).toBe(0);
    expect(unitsInWindow(task(), { ...pace, measured: 0n })).toBe(0);
  });

  test("are none where a window is shorter than the way of an answer", () => {
    for (const short of [{ commit_window: 5 }, { reveal_window: 5 }])
      expect(unitsInWindow(task(short), { ...pace, measured: measured * 10n ** 9n })).toBe(0);
  });

  test("never take longer than the window", () => {
    const numbers = fc.record({
      difficulty: fc.bigInt(1n, 1n << 64n),
      commit_window: fc.integer({ min: 2, max: 14_400 }),
      measured: fc.bigInt(0n, 1n << 80n),
      haste: fc.double({ min: 1, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(numbers, ({ measured, haste, ...terms }) => {
        const units = BigInt(unitsInWindow(task(terms), { slotMs: 6_000n, measured, haste }));
        if (units === 0n) return;
        const ms = (units * terms.difficulty * dayMs) / measured;
        expect(ms).toBeLessThanOrEqual(BigInt(terms.commit_window) * 6_000n);
      }),
    );
  });
});

describe("a request", () => {
  test("is for what a machine may have at once, by the wish of its operator and by its speed", () => {
    expect(asked()).toBe(8);
    expect(asked({ options: { units: 64, maxBond: mai } })).toBe(60);
    expect(asked({ tasks: [task(), task({ difficulty: 20_000_000n })] })).toBe(3);
  });

  test("is made when half of that is done, for the rest", () => {
    expect([0, 3, 4, 5, 8].map((units) => asked({ free: [machine(1, units)] }))).toEqual([
      8,
      5,
      4,
      undefined,
      undefined,
    ]);
  });

  test("is for the machine with the least to do", () => {
    const ask = askFor(situation({ free: [machine(1, 3), machine(2, 1), machine(3, 2)] }));
    expect([ask?.machine[0], ask?.units]).toEqual([2, 7]);
  });

  test("is for no more than the funds for bonds, and the chain's limit of them", () => {
    const bond = bondFor(mai, 2);
    expect(asked({ funds: 3n * bond + bond / 2n })).toBe(3);
    expect(asked({ funds: bond - 1n })).toBeUndefined();
    expect(asked({ funds: -mai })).toBeUndefined();
    expect(asked({ seats: constants.MaxSeats - 2 })).toBe(2);
  });

  test("is not made without a free machine, or a task", () => {
    expect([asked({ free: [] }), asked({ tasks: [] })]).toEqual([undefined, undefined]);
  });
});

describe("wishes", () => {
  const where = new Uint8Array([1, 2]);

  test("name each refused task once, in order, and no more than the chain takes", () => {
    const many = Array.from({ length: 40 }, (_, i) => 100 - i);
    expect(wishes(5n, [7, 3, 7], where)).toEqual({ max_bond: 5n, refused_tasks: [3, 7], results: where });
    expect(wishes(5n, many, undefined).refused_tasks.length).toBe(maxRefused);
  });

  test("are told again when any of them is another", () => {
    const told = wishes(5n, [3, 7], where);
    expect(sameWishes(told, wishes(5n, [7, 3], new Uint8Array(where)))).toBe(true);
    expect(sameWishes(undefined, told)).toBe(false);
    for (const other of [
      wishes(6n, [3, 7], where),
      wishes(5n, [3], where),
      wishes(5n, [3, 8], where),
      wishes(5n, [3, 7], undefined),
      wishes(5n, [3, 7], new Uint8Array([1, 3])),
    ])
      expect(sameWishes(told, other)).toBe(false);
  });
});
