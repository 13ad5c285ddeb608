import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkManifest, encodeManifest, type Manifest } from "../../proof/manifest.ts";
import { addressIn } from "../../storage/bundle.ts";
import type { Store } from "../../storage/store.ts";
import { InputError } from "../run-command.ts";

export interface Published {
  /** The manifest as trainers will read it: no address in it is one of this machine alone. */
  readonly manifest: Manifest;
  readonly uri: string;
}

/** Puts model, data and manifest of a job under `base`, but for what lies elsewhere already. @throws StorageError, InputError. */
export async function publish(
  store: Store,
  manifest: Manifest,
  base: string,
  signal: AbortSignal,
): Promise<Published> {
  const put = async (field: string, uri: string): Promise<string> => {
    if (!uri.startsWith("file:///")) return uri;
    const path = fileURLToPath(uri);
    return store.put(path, addressIn(base, `${field}-${encodeURIComponent(basename(path))}`), { signal });
  };
  const data = async <D extends Manifest["training"]>(field: string, part: D): Promise<D> => {
    if (part.format === "images" && part.uri.startsWith("file:///"))
      throw new InputError(`${field}: a folder of images cannot be published; pack it as npz or IDX`);
    const uri = await put(field, part.uri);
    return part.targetsUri === undefined
      ? { ...part, uri }
      : { ...part, uri, targetsUri: await put(field, part.targetsUri) };
  };
  const { model, training, validation, initialisation } = manifest;
  const moved = checkManifest({
    ...manifest,
    model: { ...model, uri: await put("model", model.uri) },
    training: await data("training", training),
    validation: validation.access === "public" ? await data("validation", validation) : validation,
    initialisation:
      initialisation.type === "from"
        ? { ...initialisation, uri: await put("start", initialisation.uri) }
        : initialisation,
  });
  if (!moved.ok)
    throw new InputError(`the addresses under ${base} do not fit a manifest: ${moved.problems[0]?.message}`);
  return { manifest: moved.manifest, uri: await putManifest(store, moved.manifest, base, signal) };
}

async function putManifest(
  store: Store,
  manifest: Manifest,
  base: string,
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "matrixai-manifest-"));
  try {
    const path = join(folder, "manifest.json");
    await writeFile(path, encodeManifest(manifest));
    return await store.put(path, addressIn(base, "manifest.json"), { signal });
  } finally {
    await rm(folder, { recursive: true });
  }
}
