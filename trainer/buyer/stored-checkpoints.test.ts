/** Where a buyer looks for what a trainer has stored, told by a chain of a few blocks; and whom it does not believe. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { extraCodec, extraOf } from "../../runtime/extensions.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { immortal } from "../../runtime/primitives/era.ts";
import { encodeSigned } from "../../runtime/primitives/extrinsic.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import { remarkOf } from "../job/told-address.ts";
import { checkpointFile, lossFile } from "../proof/package.ts";
import { putBundle } from "../storage/bundle.ts";
import { openStore, type Store } from "../storage/store.ts";
import { storedCheckpoints } from "./stored-checkpoints.ts";

const order = 7;
const [trainer, stranger] = [1, 2].map((i) => new Uint8Array(32).fill(i)) as [Uint8Array, Uint8Array];
const signal = new AbortController().signal;
let folder: string;
let store: Store;
/** Addresses of bundles with these checkpoints. */
let [early, late] = ["", ""];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-stored-"));
  store = openStore({ files: { root: folder } });
  const bundle = async (name: string, ...checkpoints: number[]) => {
    const paths = checkpoints
      .flatMap((i) => [checkpointFile(i), lossFile(i)])
      .map((file) => join(folder, file));
    for (const path of paths) writeFileSync(path, path);
    return (await putBundle(store, paths, `file:${name}`)).uri;
  };
  early = await bundle("early", 1, 2);
  late = await bundle("late", 1, 2, 4);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const link = (index: number) => new Uint8Array(32).fill(index);
const anchorOf = (index: number): RuntimeCall => ({
  type: "ProofOfTraining",
  value: { type: "anchor", value: { order, index, step: 10 * index, link: link(index), loss: 0n } },
});
const begin: RuntimeCall = {
  type: "ProofOfTraining",
  value: { type: "start", value: { order, link: link(0) } },
};
const tell = (uri: string, of = order): RuntimeCall => ({
  type: "System",
  value: { type: "remark", value: { remark: remarkOf({ order: of, uri }) } },
});
const batch = (...calls: RuntimeCall[]): RuntimeCall => ({
  type: "Utility",
  value: { type: "batch_all", value: { calls } },
});

const signature = { type: "Sr25519" as const, value: new Uint8Array(64) };
const extra = encode(extraCodec, extraOf(immortal, 0, 0n));
const extrinsic = (from: Uint8Array, call: RuntimeCall) =>
  toHex(encodeSigned({ type: "Id", value: from }, signature, extra, encode(runtimeCall, call)));

/** A chain whose blocks hold what some have signed; and the heights that are asked for. */
function chainOf(blocks: Record<number, readonly (readonly [Uint8Array, RuntimeCall])[]>) {
  const asked: number[] = [];
  const request = async (method: string, argument: unknown) => {
    if (method === "chain_getFinalizedHead") return "head";
    if (method === "chain_getHeader") return { number: "0x50" };
    if (method === "chain_getBlockHash") return String(argument);
    asked.push(Number(argument));
    const extrinsics = (blocks[Number(argument)] ?? []).map(([from, call]) => extrinsic(from, call));
    return { block: { extrinsics } };
  };
  return { chain: { url: "ws://test", request } as unknown as ChainClient, asked };
}

/** An order that expired, whose last anchor is the fifth checkpoint, of block 60. */
const expired = (last: number | undefined = 5): OrderDetails => {
  const anchor =
    last === undefined ? undefined : { index: last, step: 50, link: link(last), block: 60, loss: 0n };
  return {
    info: { id: order, anchors: [], ended: { trainer, last: anchor, ended: 90, outcome: "Expired" } },
  } as unknown as OrderDetails;
};

/** What is found, and why it is no more. */
async function found(chain: ChainClient, details = expired(), from?: string) {
  const look = { store, folder: join(folder, "look"), signal, onProgress: () => undefined };
  const all = storedCheckpoints(chain, details, { ...look, ...(from !== undefined && { from }) });
  const checkpoints: string[] = [];
  for (;;) {
    const { value, done } = await all.next();
    if (done) return { checkpoints, why: value };
    expect(value.anchor).toMatchObject({ step: 10 * value.anchor.index, link: link(value.anchor.index) });
    checkpoints.push(`${value.anchor.index} ${value.uri}`);
  }
}

const training = {
  30: [[trainer, begin]],
  40: [[trainer, anchorOf(1)]],
  41: [[trainer, tell("file:early/index.json")]],
  45: [[trainer, batch(anchorOf(2), tell("file:early/index.json"))]],
  50: [[trainer, anchorOf(3)]],
  55: [[trainer, batch(anchorOf(4), anchorOf(5), tell("file:late/index.json"))]],
} as const;

test("the newest address counts first, and of it the latest checkpoint that was anchored", async () => {
  const { chain } = chainOf(training);
  const { checkpoints, why } = await found(chain);
  // Blocks are looked through some at a time: the first anchor is seen last.
  expect(checkpoints).toEqual([`4 ${late}`, `2 ${late}`, `2 ${early}`, `1 ${late}`, `1 ${early}`]);
  expect(why).toBe("its trainer has told of none that it stored");
});

test("nothing is looked for before the training began, nor long after the last anchor", async () => {
  const { chain, asked } = chainOf(training);
  await found(chain);
  expect(Math.max(...asked)).toBe(90);
  expect(Math.min(...asked)).toBeGreaterThan(10);
});

test("neither a stranger's address nor a stranger's anchor counts, nor what is told of another order", async () => {
  const forged = {
    30: [[trainer, begin]],
    52: [[stranger, anchorOf(4)]],
    56: [[stranger, tell("file:late/index.json")]],
    57: [[trainer, tell("file:late/index.json", 8)]],
  } as const;
  expect((await found(chainOf(forged).chain)).checkpoints).toEqual([]);
  const half = { ...forged, 58: [[trainer, tell("file:late/index.json")]] } as const;
  expect((await found(chainOf(half).chain)).checkpoints).toEqual([]);
});

test("where nothing lies at the newest address, an earlier one counts, and the reason is told", async () => {
  const { chain } = chainOf({ ...training, 58: [[trainer, tell("file:nowhere/index.json")]] });
  const { checkpoints, why } = await found(chain);
  expect(checkpoints[0]).toBe(`4 ${late}`);
  expect(why).toContain("nowhere");
});

test("an address that is given counts alone", async () => {
  const { chain } = chainOf(training);
  expect((await found(chain, expired(), early)).checkpoints).toEqual([`2 ${early}`, `1 ${early}`]);
});

test("of an order that goes on the chain says what is anchored", async () => {
  const { chain } = chainOf({ 30: training[30], 58: [[trainer, tell("file:late/index.json")]] });
  const anchors = [0, 1, 2].map((index) => ({
    index,
    step: 10 * index,
    link: link(index),
    block: 50,
    loss: 0n,
  }));
  const details = { info: { id: order, anchors, order: { deal: { trainer } } } } as unknown as OrderDetails;
  expect((await found(chain, details)).checkpoints).toEqual([`2 ${late}`, `1 ${late}`]);
});

test("an order of which nothing was trained has nothing", async () => {
  await expect(found(chainOf({}).chain, expired(0))).rejects.toThrow("no checkpoint was trained");
  const { checkpoints, why } = await found(chainOf({}).chain);
  expect([checkpoints, why]).toEqual([[], "its trainer has told of none that it stored"]);
});
