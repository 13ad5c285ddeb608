import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { commitmentOf } from "../../../pallets/drilling/index.ts";
import type { RuntimeCall } from "../../../runtime/index.ts";
import { fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import { StorageError } from "../../storage/error.ts";
import type { Agent } from "../agent-context.ts";
import type { Duty } from "../duties.ts";
import { Journal } from "../journal.ts";
import { commitDuty, revealDuty } from "./answering.ts";
import type { Seat } from "./drilling-view.ts";
import { keepOpening } from "./opening.ts";
import type { Results } from "./results.ts";

const account = new Uint8Array(32).fill(1);
const windows = new Map([[7, { commit_window: 100, reveal_window: 100 }]]);

let folder: string;
let journal: Journal;
let sent: RuntimeCall[];
/** Events of the next transaction. */
let events: unknown[];
let agent: Agent;
/** Hashes of results that are on the disk, and of those that the storage takes. */
let onDisk: Set<string>;
let storable: Set<string>;
let stored: string[];
const log = { info: vi.fn(), warn: vi.fn() };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-answering-"));
  journal = await Journal.open(join(folder, "journal"));
  [sent, events, stored] = [[], [], []];
  [onDisk, storable] = [new Set(), new Set()];
  const send = async (call: RuntimeCall) => {
    sent.push(call);
    return { block: { number: 50, hash: "0x" }, events };
  };
  agent = { journal, log, account, chainId: "abcd", send } as unknown as Agent;
  vi.clearAllMocks();
});
afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
});

const results = {
  has: async (_: number, hash: string) => onDisk.has(hash),
  async store(_: number, hash: string) {
    if (!storable.has(hash)) throw new StorageError("Interrupted", "the server is down");
    stored.push(hash);
  },
} as unknown as Results;

const hashOf = (unit: number) => toHex(new Uint8Array(32).fill(unit));
const saltOf = (unit: number) => toHex(new Uint8Array(32).fill(unit + 100));

function seat(unit: number, change: Partial<Seat> = {}): Seat {
  const machine = new Uint8Array(16);
  return {
    task: 7,
    unit,
    machine,
    state: "Committing",
    round: 1,
    committed: false,
    revealed: false,
    due: 100,
    ...change,
  };
}

/** Units whose results are there. */
async function computed(...units: readonly number[]): Promise<void> {
  for (const unit of units) {
    await keepOpening(agent, { task: 7, unit }, { result: hashOf(unit), salt: saltOf(unit) });
    onDisk.add(hashOf(unit));
    storable.add(hashOf(unit));
  }
}

const run = (duty: Duty | undefined, block: number) =>
  duty!.run({ signal: new AbortController().signal, failures: 0, block });

/** Units in the calls of the last transaction, and whether they went as a batch. */
function last(): { readonly units: number[]; readonly type: string } {
  const { value } = sent.at(-1) as {
    value: { type: string; value: { unit: number; calls?: { value: { value: { unit: number } } }[] } };
  };
  const calls = value.value.calls;
  return { type: value.type, units: calls ? calls.map((call) => call.value.value.unit) : [value.value.unit] };
}

describe("commitments", () => {
  const commit = (seats: readonly Seat[], isBusy: boolean, block = 10) =>
    run(commitDuty(agent, seats, results, { isBusy }, windows), block);

  test("are made to hash and salt of the journal, bound to the account", async () => {
    await computed(3);
    expect(await commit([seat(3)], false)).toBe(50);
    const commitment = commitmentOf({ task: 7, unit: 3 }, account, fromHex(hashOf(3))!, fromHex(saltOf(3))!);
    const value = { type: "commit_result", value: { task: 7, unit: 3, commitment } };
    expect(sent).toEqual([{ type: "Drilling", value }]);
  });

  test("wait while more is computed, but not beyond half of the window, nor for more than one transaction takes", async () => {
    await computed(1, 2);
    const seats = [seat(1), seat(2, { due: 90 }), seat(3)];
    expect(await commit(seats, true, 39)).toBeUndefined();
    expect(sent).toEqual([]);
    expect(await commit(seats, true, 40)).toBe(50);
    expect(last()).toEqual({ type: "force_batch", units: [2, 1] });
    const many = Array.from({ length: 70 }, (_, unit) => unit);
    await computed(...many);
    await commit(
      many.map((unit) => seat(unit, { due: 200 - unit })),
      true,
    );
    expect(last().units).toEqual(many.slice(6).reverse());
  });

  test("are not made too late, nor to what is not on the disk, nor twice", async () => {
    await computed(1, 2, 3);
    onDisk.delete(hashOf(2));
    expect(await commit([seat(1, { due: 10 }), seat(2), seat(9)], false)).toBeUndefined();
    expect(
      commitDuty(agent, [seat(3, { committed: true })], results, { isBusy: false }, windows),
    ).toBeUndefined();
    expect(sent).toEqual([]);
  });

  test("of which the chain refused some are told, and tried again", async () => {
    await computed(1, 2);
    const error = { type: "Module", value: { type: "Drilling", value: { type: "TooLate" } } };
    events = [{ type: "Utility", value: { type: "ItemFailed", value: { error } } }];
    await expect(commit([seat(1), seat(2)], false)).rejects.toThrow(
      "1 of 2 calls failed in block 50, the first with Drilling.TooLate",
    );
  });
});

describe("reveals", () => {
  const revealing = (unit: number, change: Partial<Seat> = {}) =>
    seat(unit, { state: "Revealing", committed: true, ...change });
  const reveal = (seats: readonly Seat[], block = 10) =>
    run(revealDuty(agent, seats, results, windows), block);

  test("come after the results are stored, as many as fit, the most urgent first", async () => {
    const many = Array.from({ length: 20 }, (_, unit) => unit);
    await computed(...many);
    expect(await reveal(many.map((unit) => revealing(unit, { due: 100 - unit })))).toBe(50);
    expect(last()).toEqual({ type: "force_batch", units: many.slice(4).reverse() });
    expect(stored).toEqual(many.slice(4).reverse().map(hashOf));
  });

  test("wait for the storage for half of the window, and hold up no others", async () => {
    await computed(1, 2);
    storable.delete(hashOf(1));
    expect(await reveal([revealing(1), revealing(2)])).toBe(50);
    expect(last()).toEqual({ type: "reveal_result", units: [2] });
    await expect(reveal([revealing(1)], 49)).rejects.toThrow("the server is down");
    expect(await reveal([revealing(1)], 50)).toBe(50);
    expect(last().units).toEqual([1]);
    expect(log.warn).toHaveBeenCalledWith(
      "reveals a result that could not be stored",
      expect.objectContaining({ unit: 1 }),
    );
  });

  test("of what is not in the journal cannot be made, which is told", async () => {
    await computed(2);
    await reveal([revealing(1), revealing(2)]);
    expect(last().units).toEqual([2]);
    await expect(reveal([revealing(1)])).rejects.toThrow(
      "unit 1 of task 7 was committed to, but is not in the journal",
    );
  });

  test("are not made before all have committed, nor too late, nor twice", async () => {
    await computed(1);
    for (const other of [
      seat(1, { committed: true }),
      revealing(1, { revealed: true }),
      revealing(1, { committed: false }),
    ])
      expect(revealDuty(agent, [other], results, windows)).toBeUndefined();
    expect(await reveal([revealing(1, { due: 10 })])).toBeUndefined();
    expect(sent).toEqual([]);
  });
});
