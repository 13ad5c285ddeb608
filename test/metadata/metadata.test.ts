import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { metadataFingerprint } from "../../runtime/metadata-fingerprint.ts";
import { fingerprint, metadataText } from "./metadata-text.ts";

const howToAccept =
  "The metadata changed. If that is meant, raise spec_version in runtime/version.ts (and transaction_version " +
  "if calls or extensions are encoded differently), run `node scripts/accept-metadata.ts`, and review the diff.";

test("clients see the runtime that was reviewed", () => {
  expect(metadataText(), howToAccept).toBe(
    readFileSync(join(import.meta.dirname, "../golden/metadata.txt"), "utf8"),
  );
});

test("the fingerprint in `:code` is that of this metadata", () => {
  expect(fingerprint(), howToAccept).toBe(metadataFingerprint);
});
