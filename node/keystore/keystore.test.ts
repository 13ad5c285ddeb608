import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { sessionKeyTypes } from "../../runtime/primitives/session-keys.ts";
import { Keystore, KeystoreError } from "./keystore.ts";
import { keyPair, SecretError } from "./secret.ts";

const folder = () => mkdtempSync(join(tmpdir(), "matrixai-keys-"));
// Substrate's own test keys.
const alice = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
const aliceEd25519 = "0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee";

test("derives Substrate's test keys, by the scheme of the key's type", () => {
  const keys = new Keystore();
  expect(toHex(keys.add("poh_", "//Alice").publicKey)).toBe(alice);
  expect(toHex(keys.add("gran", "//Alice").publicKey)).toBe(aliceEd25519);
  expect(keys.find("poh_")?.publicKey).toEqual(keyPair("//Alice", "sr25519").publicKey);
});

test("keys survive the process, encrypted, and only the password opens them", async () => {
  const options = { folder: folder(), password: "correct horse" };
  const session = await new Keystore(options).rotate();
  const again = new Keystore(options);
  for (const { type, publicKey } of again.sessionKeys(session) ?? []) {
    expect(await again.has(type, publicKey)).toBe(true);
  }
  expect(() => new Keystore({ ...options, password: "wrong" })).toThrow(KeystoreError);
  expect(() => new Keystore({ folder: options.folder })).toThrow(/may need a password/);
});

test("nothing on disk tells a secret, nor can others read it", async () => {
  const options = { folder: folder(), password: "correct horse" };
  new Keystore(options).add("poh_", "bottom drive obey lake curtain smoke basket hold race lonely fit walk");
  const [file] = readdirSync(options.folder);
  const path = join(options.folder, file!);
  expect(statSync(path).mode & 0o077).toBe(0);
  expect(readFileSync(path, "utf8")).not.toMatch(/bottom|drive|obey/);
});

test("a damaged file is named", () => {
  const options = { folder: folder() };
  writeFileSync(join(options.folder, "poh_-0x00.json"), "{");
  expect(() => new Keystore(options)).toThrow(/poh_-0x00\.json/);
});

test("refuses secrets that give another key than the one named, no key, or an unknown type", async () => {
  const keys = new Keystore();
  await expect(keys.insert("poh_", "//Bob", keyPair("//Alice", "sr25519").publicKey)).rejects.toThrow(
    KeystoreError,
  );
  expect(() => keys.add("poh_", "not a mnemonic")).toThrow(SecretError);
  expect(() => keys.add("toolong", "//Alice")).toThrow(KeystoreError);
  expect(keys.sessionKeys(new Uint8Array(63))).toBeUndefined();
  expect(keys.sessionKeys(new Uint8Array(64))?.map((key) => key.type)).toEqual([...sessionKeyTypes]);
});

test("keys made for an owner come with a signature by each over the owner's account", async () => {
  const store = new Keystore({ folder: folder() });
  const owner = new Uint8Array(32).fill(7);
  const { keys, proof } = await store.rotateFor(owner);
  const message = new Uint8Array([...Buffer.from("POP_"), ...owner]);
  const [poh, gran] = store.sessionKeys(keys)!.map(({ publicKey }) => publicKey);
  expect(verifySignature({ type: "Sr25519", value: proof.slice(0, 64) }, message, poh!)).toBe(true);
  expect(verifySignature({ type: "Ed25519", value: proof.slice(64) }, message, gran!)).toBe(true);
  expect(proof).toHaveLength(128);
  expect(await store.has("poh_", poh!)).toBe(true);
  expect(await store.has("gran", gran!)).toBe(true);
  await expect(store.rotateFor(new Uint8Array(31))).rejects.toThrow(/must be the 32 bytes of an account/);
});
