/** Keys of orders on a buyer's disk. */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sealKeys } from "../storage/sealed.ts";
import { keepSecrets, nameSecrets, type OrderSecrets, secretsOf } from "./order-secrets.ts";

const genesis = `0x${"a1".repeat(32)}`;
const manifest = `0x${"b2".repeat(32)}`;
const secrets: OrderSecrets = {
  genesis,
  manifest,
  training: sealKeys(),
  validation: { keys: sealKeys(), uri: "s3://bucket/validation.json" },
  results: sealKeys(),
};
const plain = ({ training, validation, results }: OrderSecrets) =>
  [training, validation?.keys, results].map(
    (keys) => keys && Buffer.concat([keys.publicKey, keys.secretKey]).toString("hex"),
  );

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "matrixai-secrets-")), "orders");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

test("what is kept before an order has a number is found by its number, whether or not it was named", async () => {
  await keepSecrets(folder, secrets);
  const [draft] = readdirSync(folder);
  expect(draft).toMatch(/^a1a1a1a1-manifest-(b2){16}\.json$/);
  expect(statSync(join(folder, draft!)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);

  const found = (await secretsOf(folder, { genesis, manifest }, 7))!;
  expect(plain(found)).toEqual(plain(secrets));
  expect(found.validation?.uri).toBe(secrets.validation?.uri);
  expect(readdirSync(folder)).toEqual(["a1a1a1a1-7.json"]);
  expect(await nameSecrets(folder, { genesis, manifest }, 7)).toBe(join(folder, "a1a1a1a1-7.json"));
  expect(plain((await secretsOf(folder, { genesis, manifest }, 7))!)).toEqual(plain(secrets));
});

test("keys that others could read are closed, and others than the order's are refused", async () => {
  await keepSecrets(folder, { genesis, manifest, results: sealKeys() });
  const path = await nameSecrets(folder, { genesis, manifest }, 7);
  chmodSync(path, 0o644);
  expect(await secretsOf(folder, { genesis, manifest }, 7)).not.toHaveProperty("training");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await secretsOf(folder, { genesis, manifest }, 8)).toBeUndefined();
  const other = secretsOf(folder, { genesis, manifest: `0x${"c3".repeat(32)}` }, 7);
  await expect(other).rejects.toMatchObject({ code: "NoSecrets", message: expect.stringContaining(path) });
  // The first eight digits are the same.
  const chain = secretsOf(folder, { genesis: `0xa1a1a1a1${"00".repeat(28)}`, manifest }, 7);
  await expect(chain).rejects.toMatchObject({ code: "NoSecrets" });
});

test.each<[string, (text: string) => string, RegExp]>([
  ["cut off", (text) => text.slice(0, 40), /JSON/],
  ["of another kind", () => '{"version":2}', /version/],
  ["with a key that is none", (text) => text.replace(/"results": "0x../, '"results": "0xzz'), /results/],
  ["far too large", () => " ".repeat(70_000), /more than 65536 bytes/],
])("a file that is %s is refused by its name", async (_, spoil, why) => {
  await keepSecrets(folder, secrets);
  const path = await nameSecrets(folder, { genesis, manifest }, 7);
  writeFileSync(path, spoil(readFileSync(path, "utf8")));
  await expect(secretsOf(folder, { genesis, manifest }, 7)).rejects.toMatchObject({
    code: "NoSecrets",
    message: expect.stringMatching(why),
  });
});

test("nobody's keys are written over by a second order of the same number on another chain", async () => {
  await keepSecrets(folder, secrets);
  await nameSecrets(folder, secrets, 7);
  const elsewhere = { genesis: `0x${"d4".repeat(32)}`, manifest, results: sealKeys() };
  await keepSecrets(folder, elsewhere);
  await nameSecrets(folder, elsewhere, 7);
  expect(readdirSync(folder).sort()).toEqual(["a1a1a1a1-7.json", "d4d4d4d4-7.json"]);
  renameSync(join(folder, "d4d4d4d4-7.json"), join(folder, "a1a1a1a1-7.json"));
  await expect(secretsOf(folder, { genesis, manifest }, 7)).rejects.toMatchObject({ code: "NoSecrets" });
});
