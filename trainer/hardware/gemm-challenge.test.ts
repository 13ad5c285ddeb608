import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Device, openDevice, probeDevices } from "../engine/device/device.ts";
import { answerChallenge, openPicks } from "./gemm-answer.ts";
import {
  type Challenge,
  commitmentOf,
  entryOf,
  expand,
  maxSide,
  type Opening,
  picksOf,
  type Reveal,
  roundSeed,
  verifyReveal,
} from "./gemm-challenge.ts";

/** Written by vectors/gemm-challenge.py, another implementation of the description. */
const vectors = JSON.parse(readFileSync(join(import.meta.dirname, "vectors/gemm-challenge.json"), "utf8"));
const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const challenge: Challenge = { seed: unhex(vectors.seed), n: vectors.n, rounds: vectors.rounds };
const picks = picksOf(challenge, unhex(vectors.randomness), vectors.openings.length);
const commitment = unhex(vectors.commitment);
const reveal: Reveal = {
  roots: vectors.roots.map(unhex),
  openings: vectors.openings.map(
    (o: { round: number; row: number; column: number; leaf: string; siblings: string[] }) => ({
      round: o.round,
      row: o.row,
      column: o.column,
      leaf: unhex(o.leaf),
      siblings: o.siblings.map(unhex),
    }),
  ),
};

describe("the check", () => {
  test("accepts another implementation's answer", () => {
    expect(picks).toEqual(reveal.openings.map(({ round, row, column }) => ({ round, row, column })));
    expect(verifyReveal(challenge, commitment, picks, reveal)).toEqual({ ok: true });
    for (const { round, row, column, entry } of vectors.openings)
      expect(entryOf(roundSeed(challenge.seed, reveal.roots, round), challenge.n, row, column)).toBe(entry);
  });

  test("entries are -8 to 7, the same alone as in their matrix, up to the largest side", () => {
    const whole = expand(challenge.seed, "A", 256, 0, 256);
    expect([Math.min(...whole), Math.max(...whole)]).toEqual([-8, 7]);
    expect(expand(challenge.seed, "A", 256, 77, 2)).toEqual(whole.subarray(77 * 256, 79 * 256));
    expect(expand(challenge.seed, "B", 256, 0, 1)).not.toEqual(whole.subarray(0, 256));
    expect(Math.abs(entryOf(challenge.seed, maxSide, maxSide - 1, maxSide - 1))).toBeLessThan(64 * maxSide);
  });

  const forged = (change: (o: Opening) => Partial<Opening>): Reveal => ({
    ...reveal,
    openings: reveal.openings.map((o, i) => (i === 1 ? { ...o, ...change(o) } : o)),
  });
  const flipped = (bytes: Uint8Array, at: number) => bytes.map((b, i) => (i === at ? b ^ 1 : b));
  test.each<[string, Reveal, string]>([
    ["a changed leaf", forged((o) => ({ leaf: flipped(o.leaf, 4 * (o.column % 256)) })), "NotInTree"],
    ["a changed path", forged((o) => ({ siblings: o.siblings.map((s) => flipped(s, 0)) })), "NotInTree"],
    ["a short path", forged((o) => ({ siblings: o.siblings.slice(1) })), "NotInTree"],
    ["a short leaf", forged((o) => ({ leaf: o.leaf.slice(4) })), "Malformed"],
    ["another entry than asked for", forged((o) => ({ column: o.column ^ 1 })), "Malformed"],
    ["one opening too few", { ...reveal, openings: reveal.openings.slice(1) }, "Malformed"],
    [
      "a changed root",
      { ...reveal, roots: reveal.roots.map((r, i) => (i === 2 ? flipped(r, 0) : r)) },
      "NotCommitted",
    ],
    ["one root too few", { ...reveal, roots: reveal.roots.slice(1) }, "Malformed"],
  ])("refuses %s", (_, bad, code) => {
    expect(verifyReveal(challenge, commitment, picks, bad)).toMatchObject({ ok: false, code });
  });

  test("refuses sides and rounds out of bounds", () => {
    for (const other of [
      { n: 257 },
      { n: 0 },
      { n: 2 * maxSide },
      { rounds: 0 },
      { rounds: 2.5 },
      { seed: new Uint8Array(31) },
    ])
      expect(verifyReveal({ ...challenge, ...other }, commitment, picks, reveal)).toEqual({
        ok: false,
        code: "Malformed",
      });
  });
});

describe("the answer", () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice({ threads: 2 });
  });
  afterAll(() => device.close());

  test("of every usable device equals the vectors, openings and all", async () => {
    for (const { kind } of (await probeDevices()).filter((probed) => probed.usable)) {
      const other = await openDevice({ prefer: [kind] });
      const answer = await answerChallenge(other, challenge);
      expect(answer.roots.map(hex), kind).toEqual(vectors.roots);
      expect(hex(answer.commitment), kind).toBe(vectors.commitment);
      expect(answer.flop).toBe(2 * 256 ** 3 * 3);
      expect(await openPicks(other, challenge, answer.roots, picks), kind).toEqual(reveal.openings);
      other.close();
    }
  });

  test("committed to with a wrong entry is caught when that entry is picked", async () => {
    // The forger makes the product of another seed, with honest tree and commitment.
    const cheap: Challenge = { seed: new Uint8Array(32), n: 256, rounds: 1 };
    const asked = { ...cheap, seed: challenge.seed };
    const { roots } = await answerChallenge(device, cheap);
    const wanted = picksOf(asked, unhex(vectors.randomness), 8);
    const openings = await openPicks(device, cheap, roots, wanted);
    const result = verifyReveal(asked, commitmentOf(asked, roots), wanted, { roots, openings });
    expect(result).toMatchObject({ ok: false, code: "WrongEntry" });
  });
});
