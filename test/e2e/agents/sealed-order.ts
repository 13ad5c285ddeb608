/** A buyer that keeps its data, its results and its validation data to itself and to those who need them. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import { fromHex, textBytes } from "../../../runtime/primitives/bytes.ts";
import { type Due, dueOf } from "../../../trainer/buyer/due.ts";
import { handOut } from "../../../trainer/buyer/keeper.ts";
import type { JobSecrets } from "../../../trainer/buyer/order-secrets.ts";
import { publishJob, sealed } from "../../../trainer/buyer/publish-job.ts";
import { orderOf } from "../../../trainer/client/queries.ts";
import type { Signer } from "../../../trainer/client/signer.ts";
import { type Manifest, manifestHash, parseManifest } from "../../../trainer/proof/manifest.ts";
import { openStore } from "../../../trainer/storage/store.ts";
import type { AgentsChain } from "./agents-chain.ts";
import { digitsOrder } from "./digits-order.ts";

export interface SealedOrder {
  readonly spec: OrderSpec;
  readonly manifest: Manifest;
  readonly secrets: JobSecrets;
  /** Where the plain data lies, outside of the storage that everybody reads. */
  readonly folder: string;
}

/** Writes the digits' files where only the buyer is, and publishes the job with what is secret of it sealed: unless told, all. */
export async function sealedOrder(
  world: AgentsChain,
  machine: Uint8Array,
  seed: number,
  privacy = sealed(),
): Promise<SealedOrder> {
  const folder = join(world.folder, "buyer");
  mkdirSync(folder, { recursive: true });
  const plain = await digitsOrder(folder, machine, seed);
  const text = readFileSync(join(folder, `digits-${seed}.json`), "utf8");
  const parsed = parseManifest(text.replaceAll('"file:', `"${pathToFileURL(folder).href}/`));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const store = openStore({ files: { root: world.storage } });
  const never = new AbortController().signal;
  const { manifest, uri, secrets } = await publishJob(
    store,
    parsed.manifest,
    "file:published",
    privacy,
    never,
  );
  await store.close();
  const spec = {
    ...plain,
    manifest: fromHex(manifestHash(manifest))!,
    manifest_uri: textBytes(uri),
    validation: manifest.validation.access === "public" ? "Public" : "Released",
    recipient: new Uint8Array(secrets.results!.publicKey),
  } as const;
  return { spec, manifest, secrets, folder };
}

/** Hands out what is due until the order is over; `change` makes something else of it, or nothing. */
export async function keep(
  world: AgentsChain,
  buyer: Signer,
  order: number,
  secrets: JobSecrets,
  change: (due: Due) => Due | undefined = (due) => due,
): Promise<void> {
  const { chain } = world;
  for (;;) {
    const hash = await chain.request<string>("chain_getFinalizedHead");
    const number = Number((await chain.request<{ number: string }>("chain_getHeader", hash)).number);
    const details = await orderOf(chain, order, hash);
    if (details?.info.ended) return;
    const due = details ? await dueOf(chain, details, secrets, { hash, number }) : [];
    const given = due.flatMap((each) => change(each) ?? []);
    if (given.length > 0) await handOut(chain, buyer, given);
    await pause(100);
  }
}
