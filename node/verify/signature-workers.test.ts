import * as wasm from "@polkadot/wasm-crypto";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { packBatch, unpackBatch } from "./batch.ts";
import { SignatureWorkers, type SignatureWorkersOptions } from "./signature-workers.ts";
import type { SignatureItem } from "./types.ts";
import { VerifiedSet } from "./verified-set.ts";

await wasm.waitReady();

const seed = blake2_256(Buffer.from("seed"));
const sr = wasm.sr25519KeypairFromSeed(seed);
const ed = wasm.ed25519KeypairFromSeed(seed);

type Scheme = SignatureItem["signature"]["type"];
const schemes: readonly Scheme[] = ["Sr25519", "Ed25519", "Ecdsa"];

function signed(type: Scheme, text: string | Uint8Array): SignatureItem {
  const message = typeof text === "string" ? Buffer.from(text) : text;
  if (type === "Sr25519") {
    const [signer, secret] = [sr.slice(64), sr.slice(0, 64)];
    return { message, signer, signature: { type, value: wasm.sr25519Sign(signer, secret, message) } };
  }
  if (type === "Ed25519") {
    const [secret, signer] = [ed.slice(0, 32), ed.slice(32)];
    return { message, signer, signature: { type, value: wasm.ed25519Sign(signer, secret, message) } };
  }
  const key = wasm.secp256k1FromSeed(seed);
  const value = wasm.secp256k1Sign(blake2_256(message), key.slice(0, 32));
  return { message, signer: blake2_256(wasm.secp256k1Compress(key.slice(32))), signature: { type, value } };
}

const withSignature = (item: SignatureItem, value: Uint8Array): SignatureItem => ({
  ...item,
  signature: { type: item.signature.type, value },
});
const bad = (item: SignatureItem): SignatureItem =>
  withSignature(
    item,
    item.signature.value.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
  );

const open: SignatureWorkers[] = [];
function workers(options: SignatureWorkersOptions = {}): SignatureWorkers {
  const started = new SignatureWorkers({ threads: 2, ...options });
  open.push(started);
  return started;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe("verdicts", () => {
  test.each(schemes)("%s: right, wrong, another message", async (scheme) => {
    const pool = workers();
    const item = signed(scheme, "pay 5 to Bob");
    const other = { ...item, message: Buffer.from("pay 6 to Bob") };
    expect(await Promise.all([item, bad(item), other].map((one) => pool.verify(one)))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("malformed input is invalid, in every scheme and length", async () => {
    const pool = workers();
    const right = signed("Sr25519", "x");
    const items: SignatureItem[] = [];
    for (const type of schemes) {
      for (const length of [0, 1, 31, 63, 64, 65, 66, 200]) {
        items.push({ ...right, signature: { type, value: new Uint8Array(length).fill(length) } });
        items.push({ ...signed(type, "x"), signer: new Uint8Array(length).fill(255) });
      }
    }
    const verdicts = await Promise.all(items.map((item) => pool.verify(item)));
    expect(verdicts).toEqual(items.map(() => false));
    expect(pool.deaths).toBe(0);
  });

  test("thousands of bad signatures leave the same threads at work, and right ones right", async () => {
    const pool = workers();
    const right = signed("Sr25519", "still works");
    const wrong = [
      bad(right),
      { ...right, signer: new Uint8Array(32).fill(255) },
      withSignature(right, new Uint8Array(64).fill(255)),
      withSignature(right, new Uint8Array(3)),
    ];
    const many = Array.from({ length: 3000 }, (_, i) => wrong[i % wrong.length]!);
    const verdicts = await Promise.all(many.map((item) => pool.verify(item)));
    expect(verdicts.every((verdict) => !verdict)).toBe(true);
    expect(pool.deaths).toBe(0);
    const after = await Promise.all(Array.from({ length: 100 }, () => pool.verify(right)));
    expect(after.every((verdict) => verdict)).toBe(true);
  });

  test("each answer belongs to its question, however they are mixed", async () => {
    const pool = workers();
    const right = signed("Ed25519", "a");
    const wrong = bad(right);
    const wanted = Array.from({ length: 333 }, (_, i) => (i * i) % 7 < 3);
    const verdicts = await Promise.all(wanted.map((isRight) => pool.verify(isRight ? right : wrong)));
    expect(verdicts).toEqual(wanted);
  });
});

describe("threads that die", () => {
  const program = new URL("./testing/mortal-worker.ts", import.meta.url);

  test("are replaced, and only what killed them is invalid", async () => {
    const pool = workers({ program, threads: 1 });
    const right = signed("Ed25519", "healthy");
    const deadly = signed("Ed25519", Uint8Array.of(0xdd));
    const items = Array.from({ length: 60 }, (_, i) => (i === 20 ? deadly : right));
    const verdicts = await Promise.all(items.map((item) => pool.verify(item)));
    expect(verdicts).toEqual(items.map((item) => item !== deadly));
    // Once in its batch, twice alone.
    expect(pool.deaths).toBe(3);
    expect(await pool.verify(right)).toBe(true);
  });

  test("closing rejects what is still open", async () => {
    const pool = workers();
    const pending = pool.verify(signed("Sr25519", "late"));
    const rejected = expect(pending).rejects.toThrow("closed");
    await pool.close();
    await rejected;
    await expect(pool.verify(signed("Sr25519", "later"))).rejects.toThrow("closed");
  });
});

test("batches survive packing", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const item = fc.record({
    signature: fc.record({ type: fc.constantFrom(...schemes), value: bytes }),
    message: bytes,
    signer: bytes,
  });
  void fc.assert(
    fc.property(fc.array(item, { maxLength: 20 }), (items) => {
      expect(unpackBatch(packBatch(items))).toEqual(items);
    }),
  );
});

describe("the set of verified names", () => {
  test("never holds more than its capacity, and keeps what is used", () => {
    const set = new VerifiedSet(100);
    set.add("used");
    for (let i = 0; i < 1000; i++) {
      set.add(String(i));
      expect(set.has("used")).toBe(true);
      expect(set.size).toBeLessThanOrEqual(100);
    }
    expect(set.has("999")).toBe(true);
    expect(set.has("800")).toBe(false);
  });

  test("remembers at least the last half of its capacity", () => {
    void fc.assert(
      fc.property(fc.array(fc.nat(50)), (names) => {
        const set = new VerifiedSet(20);
        for (const name of names) set.add(String(name));
        const last = [...new Set(names.toReversed())].slice(0, 10);
        for (const name of last) expect(set.has(String(name))).toBe(true);
      }),
    );
  });
});
