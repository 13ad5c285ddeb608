/** From a job in words to the order for it, as a buyer's tools make it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import { fromHex, textBytes } from "../../../runtime/primitives/bytes.ts";
import { type OpenJob, openJob } from "../../../trainer/job/open-job.ts";
import { orderTerms } from "../../../trainer/job/order-terms.ts";
import {
  checkManifest,
  encodeManifest,
  type Manifest,
  manifestHash,
} from "../../../trainer/proof/manifest.ts";
import { openStore, type StoreOptions } from "../../../trainer/storage/store.ts";

export interface Published extends OpenJob {
  readonly spec: OrderSpec;
}

/** Writes a manifest under `storage`, where what it names lies already; returns the order for a machine. */
export async function published(
  storage: string,
  name: string,
  json: unknown,
  machine: Uint8Array,
  stores: StoreOptions = { files: { root: storage } },
): Promise<Published> {
  const manifest = manifestOf(json);
  const path = (file: string) => join(storage, file);
  writeFileSync(path(`${name}.json`), encodeManifest(manifest));
  const store = openStore(stores);
  const opened = await openJob(manifest, {
    store,
    cache: path(`cache-${name}`),
    inPlace: false,
    note: () => undefined,
  });
  await store.close();
  const spec = {
    machine,
    manifest: fromHex(manifestHash(manifest))!,
    manifest_uri: textBytes(`file:${name}.json`),
    ...orderTerms(manifest, opened.job.train.flopPerStep),
    disk: 64,
    price_limit: 1_000n * 10n ** 12n,
    inspectors: 3,
    inspection_fee: 3n * 10n ** 12n,
    accept_within: 300,
    train_within: 2_000,
    continues: undefined,
    recipient: undefined,
  };
  return { ...opened, spec };
}

function manifestOf(json: unknown): Manifest {
  const checked = checkManifest(json);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.manifest;
}
