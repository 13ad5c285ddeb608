/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x41e5ad5366c7fb34a716c47b8c7745b9c1ab52ce2ce12e2d966ae4db4cc45c31";
