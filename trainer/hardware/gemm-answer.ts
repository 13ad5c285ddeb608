import { merkleBuilder } from "../engine/data/merkle.ts";
import type { Device } from "../engine/device/device.ts";
import { integerMatmulGraph } from "../engine/device/matmul-graph.ts";
import { tensor } from "../engine/tensor.ts";
import {
  type Challenge,
  commitmentOf,
  expand,
  isChallenge,
  leafEntries,
  leafOf,
  type Opening,
  type Pick,
  roundSeed,
} from "./gemm-challenge.ts";

export interface Answer {
  readonly roots: readonly Uint8Array[];
  readonly commitment: Uint8Array;
  /** 2 n^3 rounds. */
  readonly flop: number;
  readonly elapsedMs: number;
}

export interface AnswerOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onRound?: (done: number) => void;
}

/** Computes every product of a challenge on a device. Throws a RangeError for a challenge out of bounds. */
export async function answerChallenge(
  device: Device,
  challenge: Challenge,
  options: AnswerOptions = {},
): Promise<Answer> {
  if (!isChallenge(challenge)) throw new RangeError("the challenge is out of bounds: see n and rounds");
  const start = performance.now();
  const roots: Uint8Array[] = [];
  for (let round = 0; round < challenge.rounds; round++) {
    const { root } = await product(
      device,
      roundSeed(challenge.seed, roots, round),
      challenge.n,
      [],
      options.signal,
    );
    roots.push(root);
    options.onRound?.(round + 1);
  }
  return {
    roots,
    commitment: commitmentOf(challenge, roots),
    flop: 2 * challenge.n ** 3 * challenge.rounds,
    elapsedMs: performance.now() - start,
  };
}

/** Opens the picked entries. The products were not kept: each picked round is computed once more. */
export async function openPicks(
  device: Device,
  challenge: Challenge,
  roots: readonly Uint8Array[],
  picks: readonly Pick[],
  options: AnswerOptions = {},
): Promise<Opening[]> {
  const openings: Opening[] = [];
  for (const round of new Set(picks.map((pick) => pick.round))) {
    const wanted = picks.filter((pick) => pick.round === round);
    const leaves = wanted.map((pick) => leafOf(challenge.n, pick.row, pick.column));
    const seed = roundSeed(challenge.seed, roots, round);
    const { opened } = await product(device, seed, challenge.n, leaves, options.signal);
    wanted.forEach((pick, i) => {
      openings.push({ ...pick, ...(opened[i] as Opened) });
    });
  }
  return picks.map(
    (pick) =>
      openings.find(
        (o) => o.round === pick.round && o.row === pick.row && o.column === pick.column,
      ) as Opening,
  );
}

interface Opened {
  readonly leaf: Uint8Array;
  readonly siblings: readonly Uint8Array[];
}

/** Bytes of the part of C that is computed at a time. */
const panelBytes = 2 ** 26;

async function product(
  device: Device,
  seed: Uint8Array,
  n: number,
  leaves: readonly number[],
  signal?: AbortSignal,
) {
  const rows = Math.min(n, Math.max(leafEntries, Math.floor(panelBytes / 4 / n)));
  const builder = merkleBuilder(leaves);
  const kept = new Map<number, Uint8Array>();
  const Bt = tensor("int8", [n, n], expand(seed, "B", n, 0, n));
  let leafNumber = 0;
  for (let first = 0; first < n; first += rows) {
    const count = Math.min(rows, n - first);
    const graph = { id: `gemm-${count}x${n}`, bytes: integerMatmulGraph(count, n, n) };
    const A = tensor("int8", [count, n], expand(seed, "A", n, first, count));
    const { C } = await device.runGraph(graph, { A, Bt }, { signal, resident: ["Bt"] });
    if (C?.dtype !== "int32" || C.data.length !== count * n) throw new Error("the device gave no product");
    const bytes = new Uint8Array(C.data.buffer, C.data.byteOffset, C.data.byteLength);
    for (let at = 0; at < bytes.length; at += 4 * leafEntries, leafNumber++) {
      const leaf = bytes.subarray(at, at + 4 * leafEntries);
      if (leaves.includes(leafNumber)) kept.set(leafNumber, leaf.slice());
      builder.add(leaf);
    }
  }
  const root = builder.root();
  const opened = builder
    .proofs()
    .map(({ index, siblings }): Opened => ({ leaf: kept.get(index) as Uint8Array, siblings }));
  return { root, opened };
}
