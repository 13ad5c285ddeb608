/** Orders of a buyer whose job is not what it should be. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OrderSpec } from "../../../pallets/marketplace/index.ts";
import { fromHex, textBytes } from "../../../runtime/primitives/bytes.ts";
import { canonicalJson, hashOf } from "../../../trainer/proof/canonical.ts";

type Json = Record<string, Record<string, unknown>>;

/** The order for the job `of`, with parts of its manifest replaced; hash and address are those of the new one. */
export function altered(
  storage: string,
  of: { readonly name: string; readonly spec: OrderSpec },
  name: string,
  change: Json,
): OrderSpec {
  const manifest = JSON.parse(readFileSync(join(storage, `${of.name}.json`), "utf8")) as Json;
  for (const [field, parts] of Object.entries(change)) manifest[field] = { ...manifest[field], ...parts };
  const bytes = canonicalJson(manifest);
  writeFileSync(join(storage, `${name}.json`), bytes);
  return { ...of.spec, manifest: fromHex(hashOf(bytes))!, manifest_uri: textBytes(`file:${name}.json`) };
}
