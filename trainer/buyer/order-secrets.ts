/**
 * The keys of an order, in a file that only its buyer may read. It is written before the order is placed, named by the
 * manifest, and named by the order once that has a number: whatever ends the program in between, no key is lost.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { syncFolder } from "../engine/whole-file.ts";
import { fromHex, isHash, toHex } from "../proof/canonical.ts";
import { keysOfSecret, type SealKeys } from "../storage/sealed.ts";
import { BuyerError } from "./buyer-error.ts";

/** What is secret of an order; absent is what lies in the open. */
export interface JobSecrets {
  /** Of the training data. */
  readonly training?: SealKeys;
  /** Of the validation data, and the address of what says where that lies. */
  readonly validation?: { readonly keys: SealKeys; readonly uri: string };
  /** Of the results. */
  readonly results?: SealKeys;
}

/** To which order they belong. */
export interface OrderSecrets extends JobSecrets {
  /** Hash of the chain's genesis block, and of the manifest, both 0x and 64 digits. */
  readonly genesis: string;
  readonly manifest: string;
}

const hash = z.custom<`0x${string}`>(isHash, "must be 0x and 64 hexadecimal digits");
const fileSchema = z.strictObject({
  version: z.literal(1),
  genesis: hash,
  manifest: hash,
  /** Secret halves of X25519 pairs. */
  training: hash.optional(),
  validation: z.strictObject({ key: hash, uri: z.string().max(512) }).optional(),
  results: hash.optional(),
});
const maxFileBytes = 1 << 16;

/** Where secrets are kept by default. */
export const secretsFolder = (): string =>
  join(process.env.XDG_DATA_HOME ?? join(homedir(), ".local", "share"), "matrixai", "orders");

/** Keeps the secrets of an order that is about to be placed. Nothing is written over. @throws the system's error. */
export async function keepSecrets(folder: string, secrets: OrderSecrets): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { genesis, manifest, training, validation, results } = secrets;
  const secretOf = ({ secretKey }: SealKeys) => toHex(new Uint8Array(secretKey));
  const plain = {
    version: 1,
    genesis,
    manifest,
    ...(training && { training: secretOf(training) }),
    ...(validation && { validation: { key: secretOf(validation.keys), uri: validation.uri } }),
    ...(results && { results: secretOf(results) }),
  };
  const path = draftIn(folder, genesis, manifest);
  const partial = `${path}.${randomBytes(4).toString("hex")}`;
  const file = await open(partial, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(plain, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await syncFolder(folder);
}

/** Names the secrets by their order, which is on the chain now. */
export async function nameSecrets(
  folder: string,
  { genesis, manifest }: Pick<OrderSecrets, "genesis" | "manifest">,
  order: number,
): Promise<string> {
  const path = fileIn(folder, genesis, order);
  if (!existsSync(path)) await rename(draftIn(folder, genesis, manifest), path);
  return path;
}

/**
 * The secrets of an order, by its manifest; undefined where this folder has none. What was kept for an order whose number the
 * program did not live to see is found, too, and named. @throws BuyerError `NoSecrets` where they are damaged or of another order.
 */
export async function secretsOf(
  folder: string,
  { genesis, manifest }: Pick<OrderSecrets, "genesis" | "manifest">,
  order: number,
): Promise<OrderSecrets | undefined> {
  const draft = draftIn(folder, genesis, manifest);
  const path = fileIn(folder, genesis, order);
  if (!existsSync(path)) {
    if (!existsSync(draft)) return undefined;
    await nameSecrets(folder, { genesis, manifest }, order);
  }
  const secrets = readSecrets(path);
  if (secrets.genesis === genesis && secrets.manifest === manifest) return secrets;
  throw new BuyerError("NoSecrets", `${path} holds the keys of another order than ${order}`);
}

/** The secrets in a file. @throws BuyerError `NoSecrets`. */
export function readSecrets(path: string): OrderSecrets {
  const bad = (why: string) => new BuyerError("NoSecrets", `${path} is no file of an order's keys: ${why}`);
  if (!existsSync(path)) throw bad("it does not exist");
  const stat = statSync(path);
  if (!stat.isFile()) throw bad("it is not a file");
  const { size, mode } = stat;
  if (size > maxFileBytes) throw bad(`it has more than ${maxFileBytes} bytes`);
  if ((mode & 0o077) !== 0) chmodSync(path, 0o600);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw bad((error as Error).message);
  }
  const result = fileSchema.safeParse(json);
  if (!result.success)
    throw bad(result.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; "));
  const { genesis, manifest, training, validation, results } = result.data;
  return {
    genesis,
    manifest,
    ...(training && { training: keysOf(training) }),
    ...(validation && { validation: { keys: keysOf(validation.key), uri: validation.uri } }),
    ...(results && { results: keysOf(results) }),
  };
}

const keysOf = (secret: `0x${string}`): SealKeys => keysOfSecret(fromHex(secret));
const short = (hex: string): string => hex.slice(2, 10);
const fileIn = (folder: string, genesis: string, order: number): string =>
  join(folder, `${short(genesis)}-${order}.json`);
/** Before the order has a number; a manifest with keys of its own is of one order only. */
const draftIn = (folder: string, genesis: string, manifest: string): string =>
  join(folder, `${short(genesis)}-manifest-${manifest.slice(2, 34)}.json`);
