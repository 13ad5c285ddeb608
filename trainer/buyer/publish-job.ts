/** Puts a job where others can read it: what is secret of it, sealed. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { toHex } from "../proof/canonical.ts";
import { checkManifest, encodeManifest, type Manifest } from "../proof/manifest.ts";
import { encodeReleased } from "../proof/released-validation.ts";
import { addressIn } from "../storage/bundle.ts";
import { type SealKeys, sealKeys } from "../storage/sealed.ts";
import { sealFile } from "../storage/sealed-file.ts";
import type { Store } from "../storage/store.ts";
import { BuyerError } from "./buyer-error.ts";
import type { JobSecrets } from "./order-secrets.ts";

export interface Published {
  /** The manifest as trainers will read it: no address in it is one of this machine alone. */
  readonly manifest: Manifest;
  /** Where that lies. */
  readonly uri: string;
  readonly secrets: JobSecrets;
}

/** What is sealed: of data only what lies on this machine, for what lies elsewhere is as open as it is there. */
export interface Privacy {
  /** Training data, to a key that trainer and inspectors are given. */
  readonly training: boolean;
  /** Validation data, which inspectors are told of only after the proof. */
  readonly validation: boolean;
  /** To whom results are sealed; absent, they lie in the open. */
  readonly results?: SealKeys;
}

/** Everything sealed, to fresh keys. */
export const sealed = (results = sealKeys()): Privacy => ({ training: true, validation: true, results });

/**
 * Stores model, data and manifest under `base`: `ipfs:`, or an address under which each order gets a folder of its own, because the
 * files of one must not become those of another. @throws StorageError, BuyerError `NotPlaceable`.
 */
export async function publishJob(
  store: Store,
  manifest: Manifest,
  base: string,
  privacy: Privacy,
  signal: AbortSignal,
): Promise<Published> {
  const place = base === "ipfs:" ? base : addressIn(base, randomBytes(8).toString("hex"));
  const folder = await mkdtemp(join(tmpdir(), "matrixai-publish-"));
  try {
    return await new Publisher(store, place, folder, signal).publish(manifest, privacy);
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Data = Manifest["training"];
type Readable = Extract<Manifest["validation"], { access: "public" }>;

class Publisher {
  readonly #store: Store;
  readonly #base: string;
  /** For what is made on the way. */
  readonly #folder: string;
  readonly #signal: AbortSignal;

  constructor(store: Store, base: string, folder: string, signal: AbortSignal) {
    this.#store = store;
    this.#base = base;
    this.#folder = folder;
    this.#signal = signal;
  }

  async publish(
    manifest: Manifest,
    { training: hides, validation: keepsBack, results }: Privacy,
  ): Promise<Published> {
    const { model, training, validation, initialisation } = manifest;
    const keys = hides && isHere(training.uri) ? sealKeys() : undefined;
    const kept =
      keepsBack && validation.access === "public" && isHere(validation.uri)
        ? await this.#keepBack(validation)
        : undefined;
    const checked = checkManifest({
      ...manifest,
      model: { ...model, uri: await this.#put("model", model.uri) },
      training: { ...(await this.#data("training", training, keys)), ...(keys && { sealed: hex(keys) }) },
      validation: kept
        ? { access: "released", root: validation.root, samples: validation.samples }
        : validation.access === "public"
          ? await this.#data("validation", validation)
          : validation,
      initialisation:
        initialisation.type === "from" && isHere(initialisation.uri)
          ? {
              ...initialisation,
              uri: await this.#put("start", initialisation.uri, keys),
              ...(keys && { sealed: true }),
            }
          : initialisation,
      ...(results && {
        results: { uri: manifest.results?.uri ?? `${this.#base}/results`, recipient: hex(results) },
      }),
    });
    if (!checked.ok)
      throw new BuyerError(
        "NotPlaceable",
        `what was published under ${this.#base} makes no manifest: ${checked.problems[0]?.field}: ${checked.problems[0]?.message}`,
      );
    return {
      manifest: checked.manifest,
      uri: await this.#putBytes("manifest.json", encodeManifest(checked.manifest)),
      secrets: {
        ...(keys && { training: keys }),
        ...(kept && { validation: kept }),
        ...(results && { results }),
      },
    };
  }

  /** Stores validation data sealed, and the file that inspectors are to be led to. */
  async #keepBack(validation: Readable): Promise<NonNullable<JobSecrets["validation"]>> {
    const keys = sealKeys();
    const { access: _, root: __, samples: ___, ...source } = await this.#data("validation", validation, keys);
    const bytes = encodeReleased({ version: 1, ...source, sealed: hex(keys) });
    return { keys, uri: await this.#putBytes("validation.json", bytes) };
  }

  async #data<D extends Data | Readable>(field: string, data: D, keys?: SealKeys): Promise<D> {
    if (data.format === "images" && isHere(data.uri))
      throw new BuyerError(
        "NotPlaceable",
        `${field}: a folder of images cannot be published; pack it as npz or IDX`,
      );
    const uri = await this.#put(field, data.uri, keys);
    if (data.targetsUri === undefined) return { ...data, uri };
    return { ...data, uri, targetsUri: await this.#put(field, data.targetsUri, keys) };
  }

  /** Stores a file of this machine, sealed where there are keys; what lies elsewhere stays there. */
  async #put(field: string, uri: string, keys?: SealKeys): Promise<string> {
    if (!isHere(uri)) return uri;
    const path = fileURLToPath(uri);
    const name = `${field}-${encodeURIComponent(basename(path))}`;
    if (keys === undefined)
      return this.#store.put(path, addressIn(this.#base, name), { signal: this.#signal });
    const closed = join(this.#folder, `${name}.sealed`);
    await sealFile(path, closed, keys.publicKey, this.#signal);
    const stored = await this.#store.put(closed, addressIn(this.#base, `${name}.sealed`), {
      signal: this.#signal,
    });
    await rm(closed);
    return stored;
  }

  async #putBytes(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, bytes);
    return this.#store.put(path, addressIn(this.#base, name), { signal: this.#signal });
  }
}

const isHere = (uri: string): boolean => uri.startsWith("file:///");
const hex = ({ publicKey }: SealKeys) => toHex(new Uint8Array(publicKey));
