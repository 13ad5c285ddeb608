import { z } from "zod";
import { canonicalJson } from "./canonical.ts";
import { publicKey, sourceFields } from "./manifest.ts";

/**
 * Where validation data lies that a buyer kept back: a small JSON file, to whose address `release_validation` leads once
 * inspectors are drawn. What the data is, the manifest has said before by its root; this only says how it is read.
 */
const releasedValidationSchema = z.strictObject({
  version: z.literal(1),
  ...sourceFields,
  /** X25519 key to which the files at the addresses are sealed; inspectors are given its secret half. */
  sealed: publicKey.optional(),
});
export type ReleasedValidation = z.infer<typeof releasedValidationSchema>;

/** Largest such file that is read. */
export const maxReleasedBytes = 1 << 18;

export type ReleasedResult =
  | { readonly ok: true; readonly released: ReleasedValidation }
  | { readonly ok: false; readonly problem: string };

/** Reads such a file: any spacing and order, defaults filled in, unknown fields refused. */
export function parseReleased(bytes: Uint8Array): ReleasedResult {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return { ok: false, problem: `not JSON in UTF-8: ${(error as Error).message}` };
  }
  const result = releasedValidationSchema.safeParse(json);
  if (result.success) return { ok: true, released: result.data };
  const problems = result.error.issues.map((i) => `${i.path.join(".") || "file"}: ${i.message}`);
  return { ok: false, problem: problems.join("; ") };
}

/** The file's bytes. */
export const encodeReleased = (released: ReleasedValidation): Uint8Array => canonicalJson(released);
