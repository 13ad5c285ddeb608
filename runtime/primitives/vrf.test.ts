import { blake2b } from "@noble/hashes/blake2.js";
import { Keyring } from "@polkadot/keyring";
import { sr25519KeypairFromSeed, vrfSign } from "@polkadot/wasm-crypto";
import { expect, test } from "vitest";
import { lotteryNumber, verifyVrf, vrfContext, vrfInput } from "./vrf.ts";

const seed = { randomness: new Uint8Array(32).fill(3), slot: 77n, epoch: 5n };
const input = vrfInput(seed);
const secret = sr25519KeypairFromSeed(new Uint8Array(32).fill(1));
const key = secret.slice(64);
const signed = vrfSign(secret.slice(0, 64), vrfContext, input, new Uint8Array(0));
const vrf = { output: signed.slice(0, 32), proof: signed.slice(32) };

test("the input is randomness, slot and epoch", () => {
  const hex = Buffer.from(input).toString("hex");
  expect(hex).toBe(`${"03".repeat(32)}4d000000000000000500000000000000`);
});

test("a wallet's own implementation gives the same output, and a proof that holds", () => {
  const pair = new Keyring({ type: "sr25519" }).addFromSeed(new Uint8Array(32).fill(1));
  expect(pair.publicKey).toEqual(key);
  const other = pair.vrfSign(input, vrfContext);
  expect(other.slice(0, 32)).toEqual(vrf.output);
  expect(other.slice(32)).not.toEqual(vrf.proof);
  expect(verifyVrf(key, input, { output: other.slice(0, 32), proof: other.slice(32) })).toBe(true);
  expect(pair.vrfVerify(input, signed, key, vrfContext)).toBe(true);
});

test("only the one output of the key, for this input, is proven", () => {
  expect(verifyVrf(key, input, vrf)).toBe(true);
  for (let bit = 0; bit < 96 * 8; bit += 31) {
    const bad = signed.slice();
    bad[bit >> 3]! ^= 1 << (bit & 7);
    const changed = { output: bad.slice(0, 32), proof: bad.slice(32) };
    expect(verifyVrf(key, input, changed), `bit ${bit}`).toBe(false);
  }
  for (const change of [{ slot: 78n }, { epoch: 6n }, { randomness: new Uint8Array(32) }]) {
    expect(verifyVrf(key, vrfInput({ ...seed, ...change }), vrf)).toBe(false);
  }
});

test("whatever is malformed is no output, and never an error", () => {
  const zeros = new Uint8Array(32);
  const ones = new Uint8Array(32).fill(255);
  for (const bad of [zeros, ones]) {
    expect(verifyVrf(bad, input, vrf)).toBe(false);
    expect(verifyVrf(key, input, { ...vrf, output: bad })).toBe(false);
    expect(verifyVrf(key, input, { ...vrf, proof: new Uint8Array([...bad, ...bad]) })).toBe(false);
  }
  expect(verifyVrf(key.slice(1), input, vrf)).toBe(false);
  expect(verifyVrf(key, input, { ...vrf, proof: vrf.proof.slice(1) })).toBe(false);
  expect(verifyVrf(key, input, vrf)).toBe(true);
});

test("what an output draws is the first 16 bytes of its hash for this purpose, little-endian", () => {
  const hash = blake2b(Uint8Array.from([...Buffer.from("poh-primary"), ...input, ...vrf.output]), {
    dkLen: 32,
  });
  const number = BigInt(`0x${Buffer.from(hash.slice(0, 16).reverse()).toString("hex")}`);
  expect(lotteryNumber(input, vrf.output)).toBe(number);
});
