/** Takes the present metadata for the reviewed one: writes the golden file and the fingerprint. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, metadataText } from "../test/metadata/metadata-text.ts";

const root = join(import.meta.dirname, "..");
writeFileSync(join(root, "test/golden/metadata.txt"), metadataText());
writeFileSync(
  join(root, "runtime/metadata-fingerprint.ts"),
  `/** BLAKE2b-256 of all versions of the metadata; \`node scripts/accept-metadata.ts\` writes it. */
export const metadataFingerprint = "${fingerprint()}";
`,
);
