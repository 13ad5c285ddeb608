import * as wasm from "@polkadot/wasm-crypto";
import { expect, test } from "vitest";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import type { MultiSignature, SignatureCheck } from "../../runtime/primitives/signature.ts";
import { SignatureChecks } from "./signature-checks.ts";
import type { SignatureItem } from "./types.ts";

await wasm.waitReady();
const pair = wasm.sr25519KeypairFromSeed(new Uint8Array(32).fill(3));
const signer = pair.slice(64);
const payload = Buffer.from("call, extensions and what they imply");
const signature: MultiSignature = {
  type: "Sr25519",
  value: wasm.sr25519Sign(signer, pair.slice(0, 64), payload),
};
const hash = blake2_256(Buffer.from("an extrinsic"));

/** Checks with a verifier that answers as the real one does, and counts what it is asked. */
function counted() {
  const asked: SignatureItem[] = [];
  const checks = new SignatureChecks({
    verify: async (item) => {
      asked.push(item);
      return wasm.sr25519Verify(item.signature.value, item.message, item.signer);
    },
  });
  return { asked, checks };
}

test("a signature is verified once, by workers or here, whoever asks", async () => {
  const { asked, checks } = counted();
  const execute = (check: SignatureCheck) => check(hash, signature, payload, signer);
  expect(await checks.alongside(execute)).toEqual({ result: true, areValid: true });
  expect(await checks.alongside(execute)).toEqual({ result: true, areValid: true });
  expect(checks.now(hash, signature, payload, signer)).toBe(true);
  expect(asked).toHaveLength(1);
  const late = blake2_256(Buffer.from("another extrinsic"));
  expect(checks.now(late, signature, payload, signer)).toBe(true);
  await checks.alongside((check) => check(late, signature, payload, signer));
  expect(asked).toHaveLength(1);
});

test("one wrong signature among right ones is found, after an execution that assumed all right", async () => {
  const { checks } = counted();
  const wrong = Buffer.from("something else");
  const { result, areValid } = await checks.alongside((check) => [
    check(hash, signature, payload, signer),
    check(blake2_256(wrong), signature, wrong, signer),
  ]);
  expect(result).toEqual([true, true]);
  expect(areValid).toBe(false);
  expect(checks.now(blake2_256(wrong), signature, wrong, signer)).toBe(false);
});

test("the same extrinsic with another payload, as on a fork, is another question", async () => {
  const { asked, checks } = counted();
  await checks.alongside((check) => check(hash, signature, payload, signer));
  const elsewhere = Buffer.from("the same call, but its era began with another block");
  const { areValid } = await checks.alongside((check) => check(hash, signature, elsewhere, signer));
  expect(areValid).toBe(false);
  expect(asked).toHaveLength(2);
});

test("what was begun ahead is not asked again, and is refused again where it is wrong", async () => {
  const { asked, checks } = counted();
  const wrong = Buffer.from("something else");
  expect(checks.ahead(hash, signature, payload, signer)).toBe(true);
  expect(checks.ahead(hash, signature, payload, signer)).toBe(true);
  expect(checks.ahead(hash, signature, wrong, signer)).toBe(true);
  const both = (check: SignatureCheck) => [
    check(hash, signature, payload, signer),
    check(hash, signature, wrong, signer),
  ];
  expect((await checks.alongside(both)).areValid).toBe(false);
  expect(asked).toHaveLength(2);
  expect((await checks.alongside(both)).areValid).toBe(false);
  expect(asked).toHaveLength(3);
});

test("only so much is begun ahead, and what counts is checked all the same", async () => {
  const waiting: ((isValid: boolean) => void)[] = [];
  const checks = new SignatureChecks({ verify: () => new Promise((resolve) => waiting.push(resolve)) });
  const item = (i: number) =>
    [blake2_256(Buffer.from(`extrinsic ${i}`)), signature, payload, signer] as const;
  let begun = 0;
  while (checks.ahead(...item(begun))) begun++;
  expect(begun).toBe(waiting.length);
  expect(begun).toBeLessThan(10_000);
  const verdict = checks.alongside((check) => check(...item(begun)));
  for (const resolve of waiting) resolve(true);
  expect(await verdict).toEqual({ result: true, areValid: true });
  expect(waiting).toHaveLength(begun + 1);
  expect(checks.ahead(...item(begun + 1))).toBe(true);
});

test("checks ahead that end with the workers are not missed", async () => {
  const checks = new SignatureChecks({ verify: () => Promise.reject(new Error("closed")) });
  expect(checks.ahead(hash, signature, payload, signer)).toBe(true);
  await expect(checks.alongside((check) => check(hash, signature, payload, signer))).rejects.toThrow(
    "closed",
  );
});

test("an execution that throws throws, and its verdicts are not missed", async () => {
  const checks = new SignatureChecks({ verify: () => Promise.reject(new Error("closed")) });
  const failing = checks.alongside((check) => {
    check(hash, signature, payload, signer);
    throw new Error("bad block");
  });
  await expect(failing).rejects.toThrow("bad block");
});
