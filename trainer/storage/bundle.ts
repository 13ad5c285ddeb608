/**
 * Several files as one object: an index at one address says where each file lies, how large it is and what it hashes to,
 * so that a bundle lies in any kind of storage, and a reader fetches no more of it than it needs.
 *
 * A sealed bundle has a key pair of its own. Its files are sealed to that, and its secret key to each recipient in
 * the index, so that another recipient costs a few bytes and not the files once more. Whoever can read a bundle can tell
 * whether somebody else can.
 */
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { hashFile } from "./content-hash.ts";
import { envelopeBytes, isEnvelopeOf, openEnvelope, sealEnvelope } from "./envelope.ts";
import { StorageError } from "./error.ts";
import { keysOfSecret, type SealKeys, sealKeys } from "./sealed.ts";
import { sealFile, unsealFile } from "./sealed-file.ts";
import type { Store } from "./store.ts";

const maxIndexBytes = 16 << 20;
const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);
const indexSchema = z.strictObject({
  version: z.literal(1),
  files: z.record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "must be a plain file name"),
    z.strictObject({ uri: z.string().max(2048), hash: hex.length(66), size: z.int().min(0) }),
  ),
  /** Of a sealed bundle: its key pair, whose secret half is sealed to every recipient. */
  seal: z
    .strictObject({
      key: hex.length(66),
      recipients: z
        .array(z.strictObject({ key: hex.length(66), envelope: hex.length(2 + 2 * envelopeBytes) }))
        .max(100),
    })
    .optional(),
});
type Index = z.infer<typeof indexSchema>;

/** Where a file of a bundle lies; size and hash are of what lies there. */
export type StoredFile = Index["files"][string];

interface PartOptions {
  readonly base: string;
  /** The bundle's own, where it is sealed. */
  readonly keys?: SealKeys;
  readonly signal?: AbortSignal;
}

export interface PutOptions {
  /** X25519 keys of those who may read; without any, everybody may. */
  readonly recipients?: readonly Uint8Array[];
  readonly signal?: AbortSignal;
  /** Called after each file. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Stored {
  /** Address of the index. */
  readonly uri: string;
  /** The bundle's own keys where it is sealed: who gets the secret one can read it. */
  readonly keys: SealKeys | undefined;
}

/**
 * Stores files under `base` (`ipfs:`, or an address to which their names are joined), and last the index, `index.json`.
 * Names must differ. @throws StorageError.
 */
export async function putBundle(
  store: Store,
  paths: readonly string[],
  base: string,
  { recipients = [], signal, onProgress }: PutOptions = {},
): Promise<Stored> {
  const keys = recipients.length > 0 ? sealKeys() : undefined;
  const how = { base, ...(keys && { keys }), ...(signal && { signal }) };
  const files: Record<string, StoredFile> = {};
  for (const [done, path] of paths.entries()) {
    files[basename(path)] = await putFile(store, path, basename(path), how);
    onProgress?.(done + 1, paths.length);
  }
  const draft = `${paths[0] ?? join(process.cwd(), "bundle")}.index`;
  return { uri: await putIndex(store, files, draft, { ...how, recipients }), keys };
}

/** Stores one file of a bundle under a name of its own, sealed where the bundle has keys. @throws StorageError. */
export async function putFile(
  store: Store,
  path: string,
  name: string,
  { base, keys, signal }: PartOptions,
): Promise<StoredFile> {
  const sealed = `${path}.sealed`;
  try {
    if (keys) await sealFile(path, sealed, keys.publicKey, signal);
    const stored = keys ? sealed : path;
    const [{ size }, hash] = [await stat(stored), await hashFile(stored, signal)];
    return { uri: await store.put(stored, addressIn(base, name), signal ? { signal } : {}), hash, size };
  } finally {
    await rm(sealed, { force: true });
  }
}

interface IndexOptions extends PartOptions {
  readonly recipients: readonly Uint8Array[];
  /** `index.json` unless given. */
  readonly name?: string;
}

/**
 * Stores the index of files that are stored, by the names that readers know them by, in the place of an earlier one; returns its
 * address. `draft` is a path at which it is written first. @throws StorageError.
 */
export async function putIndex(
  store: Store,
  files: Readonly<Record<string, StoredFile>>,
  draft: string,
  { base, keys, recipients, signal, name = "index.json" }: IndexOptions,
): Promise<string> {
  const index: Index = {
    version: 1,
    files,
    ...(keys && {
      seal: {
        key: toHex(keys.publicKey),
        recipients: recipients.map((key) => ({
          key: toHex(key),
          envelope: toHex(sealEnvelope(keys.secretKey, key, context)),
        })),
      },
    }),
  };
  try {
    await writeFile(draft, JSON.stringify(index));
    return await store.put(draft, addressIn(base, name), signal ? { signal } : {});
  } finally {
    await rm(draft, { force: true });
  }
}

/** The address of a file under a base. */
export const addressIn = (base: string, name: string): string =>
  base === "ipfs:" ? base : `${base.replace(/\/+$/, "")}/${name}`;

/** A bundle that somebody stored; nothing of what its index says is believed before it is checked. */
export class Bundle {
  readonly names: readonly string[];
  readonly sealed: boolean;
  readonly #store: Store;
  readonly #index: Index;
  readonly #keys: SealKeys | undefined;

  private constructor(store: Store, index: Index, keys: SealKeys | undefined) {
    this.names = Object.keys(index.files);
    this.sealed = index.seal !== undefined;
    this.#store = store;
    this.#index = index;
    this.#keys = keys;
  }

  /**
   * Reads the index at an address into the file `to`. `keys` are those of a recipient, or the bundle's own.
   * @throws StorageError: `BadSeal` where it is sealed, and not to these keys.
   */
  static async open(
    store: Store,
    uri: string,
    to: string,
    { keys, signal }: { readonly keys?: SealKeys; readonly signal?: AbortSignal } = {},
  ): Promise<Bundle> {
    await rm(to, { force: true });
    await store.get({ uri, to, hash: undefined, maxBytes: maxIndexBytes, ...(signal && { signal }) });
    const index = parseIndex(uri, await readFile(to));
    return new Bundle(store, index, index.seal && keysOf(uri, index.seal, keys));
  }

  /** The content hash of a file as it is stored, or undefined where the index does not name it. */
  hashOf(name: string): Uint8Array | undefined {
    return Object.hasOwn(this.#index.files, name) ? fromHex(this.#index.files[name]!.hash) : undefined;
  }

  /** Whether it is sealed, and this X25519 key is among those that open it. */
  isSealedTo(recipient: Uint8Array): boolean {
    const own = toHex(recipient);
    const found = this.#index.seal?.recipients.find(({ key }) => key === own);
    const secret = this.#keys?.secretKey;
    if (found === undefined || secret === undefined) return false;
    return isEnvelopeOf(fromHex(found.envelope), secret, recipient, context);
  }

  /** Fetches a file of at most `maxBytes` to a path, opened where it was sealed. @throws StorageError. */
  async fetch(name: string, to: string, maxBytes: number, signal?: AbortSignal): Promise<void> {
    const file = Object.hasOwn(this.#index.files, name) ? this.#index.files[name] : undefined;
    if (file === undefined) throw new StorageError("NotFound", `the bundle has no file ${name}`);
    const { uri, hash } = file;
    const sealed = `${to}.sealed`;
    const from = this.#keys ? sealed : to;
    // What a seal adds is less than a part in a thousand, and some bytes.
    const limit = this.#keys ? maxBytes + Math.ceil(maxBytes / 1000) + 1024 : maxBytes;
    await this.#store.get({ uri, to: from, hash, maxBytes: limit, ...(signal && { signal }) });
    if (!this.#keys) return;
    await unsealFile(sealed, to, this.#keys, signal);
    await rm(sealed);
  }
}

function parseIndex(uri: string, bytes: Uint8Array): Index {
  const bad = (why: string) => new StorageError("BadAddress", `${uri} is no index of a bundle: ${why}`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw bad((error as Error).message);
  }
  const result = indexSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw bad(`${issue?.path.join(".")}: ${issue?.message}`);
}

function keysOf(
  uri: string,
  { key, recipients }: NonNullable<Index["seal"]>,
  keys: SealKeys | undefined,
): SealKeys {
  const refuse = (why: string) => new StorageError("BadSeal", `${uri} is sealed, ${why}`);
  if (keys === undefined) throw refuse("and no key was given to open it with");
  const mine = toHex(keys.publicKey);
  if (mine === key) return keys;
  const found = recipients.find((each) => each.key === mine);
  if (found === undefined) throw refuse(`but not to the key ${mine}`);
  const own = keysOfSecret(openEnvelope(fromHex(found.envelope), keys, context));
  if (toHex(own.publicKey) !== key) throw refuse(`but its envelope holds another key than ${key}`);
  return own;
}

/** An envelope in an index opens nothing else. */
const context = new TextEncoder().encode("bundle");

const toHex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.slice(2), "hex"));
