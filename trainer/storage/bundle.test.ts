/** Bundles, stored in a folder as any other kind of storage would hold them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Bundle, putBundle } from "./bundle.ts";
import { sealKeys } from "./sealed.ts";
import { openStore, type Store } from "./store.ts";

let folder: string;
let store: Store;
let files: string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "matrixai-bundle-"));
  store = openStore({ files: { root: folder } });
  files = ["a.bin", "b.bin"].map((name, i) => {
    writeFileSync(join(folder, name), Buffer.alloc(100_000 * i + 7, i + 1));
    return join(folder, name);
  });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);
const index = (base: string) => JSON.parse(readFileSync(join(folder, base, "index.json"), "utf8"));

test("what is stored open comes back, file by file, and leaves nothing else behind", async () => {
  const before = readdirSync(folder);
  const { uri, keys } = await putBundle(store, files, "file:open/");
  expect(keys).toBeUndefined();
  expect(readdirSync(folder).toSorted()).toEqual([...before, "open"].toSorted());
  const bundle = await Bundle.open(store, uri, path("index"));
  expect(bundle).toMatchObject({ names: ["a.bin", "b.bin"], sealed: false });
  await bundle.fetch("b.bin", path("out"), 200_000);
  expect(readFileSync(path("out")).equals(readFileSync(files[1]!))).toBe(true);
});

test("a sealed one opens for each recipient and for who has its own key, and for nobody else", async () => {
  const [one, two, other] = [sealKeys(), sealKeys(), sealKeys()];
  const { uri, keys } = await putBundle(store, files, "file:sealed", {
    recipients: [one.publicKey, two.publicKey],
  });
  for (const reader of [one, two, keys!]) {
    const bundle = await Bundle.open(store, uri, path("index"), { keys: reader });
    await bundle.fetch("b.bin", path("opened"), 200_000);
    expect(readFileSync(path("opened")).equals(readFileSync(files[1]!))).toBe(true);
  }
  expect(readFileSync(join(folder, "sealed", "b.bin")).includes(Buffer.alloc(64, 2))).toBe(false);
  await expect(Bundle.open(store, uri, path("index"))).rejects.toMatchObject({ code: "BadSeal" });
  await expect(Bundle.open(store, uri, path("index"), { keys: other })).rejects.toMatchObject({
    code: "BadSeal",
  });
});

test("a changed file, a larger one than allowed and one that is not there are refused", async () => {
  const { uri } = await putBundle(store, files, "file:changed");
  const bundle = await Bundle.open(store, uri, path("index"));
  writeFileSync(join(folder, "changed", "a.bin"), "else");
  await expect(bundle.fetch("a.bin", path("x"), 1_000)).rejects.toMatchObject({ code: "HashMismatch" });
  await expect(bundle.fetch("b.bin", path("x"), 1_000)).rejects.toMatchObject({ code: "TooLarge" });
  await expect(bundle.fetch("toString", path("x"), 1_000)).rejects.toMatchObject({ code: "NotFound" });
});

test.each([
  ["no JSON", () => "{"],
  ["a name that leads elsewhere", (good: object) => JSON.stringify(good).replace("a.bin", "../a.bin")],
  ["a field unknown", (good: object) => JSON.stringify({ ...good, more: 1 })],
  ["another version", (good: object) => JSON.stringify({ ...good, version: 2 })],
])("an index with %s is refused", async (_, spoil) => {
  const { uri } = await putBundle(store, files, "file:spoilt");
  writeFileSync(join(folder, "spoilt", "index.json"), spoil(index("spoilt")));
  await expect(Bundle.open(store, uri, path("index"))).rejects.toMatchObject({ code: "BadAddress" });
});

test("whoever opens a sealed one can tell who else can, and that an envelope holds something else", async () => {
  const [one, two, other] = [sealKeys(), sealKeys(), sealKeys()];
  const { uri, keys } = await putBundle(store, files, "file:told", {
    recipients: [one.publicKey, two.publicKey],
  });
  const told = async (reader: typeof one) => {
    const bundle = await Bundle.open(store, uri, path("index"), { keys: reader });
    return [one, two, other].map(({ publicKey }) => bundle.isSealedTo(publicKey));
  };
  expect(await told(one)).toEqual([true, true, false]);
  expect(await told(keys!)).toEqual([true, true, false]);
  const good = index("told");
  const [first, second] = good.seal.recipients;
  first.envelope = second.envelope;
  writeFileSync(join(folder, "told", "index.json"), JSON.stringify(good));
  expect(await told(keys!)).toEqual([false, true, false]);
  expect(await told(two)).toEqual([false, true, false]);
  await expect(told(one)).rejects.toMatchObject({ code: "BadSeal" });
  const open = await putBundle(store, files, "file:untold");
  expect((await Bundle.open(store, open.uri, path("index"))).isSealedTo(one.publicKey)).toBe(false);
});
