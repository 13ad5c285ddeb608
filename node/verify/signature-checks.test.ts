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

test("an execution that throws throws, and its verdicts are not missed", async () => {
  const checks = new SignatureChecks({ verify: () => Promise.reject(new Error("closed")) });
  const failing = checks.alongside((check) => {
    check(hash, signature, payload, signer);
    throw new Error("bad block");
  });
  await expect(failing).rejects.toThrow("bad block");
});
