/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0xb7bb815962aa4e4c421187762709671c4738990fab51e1ea7709fafec72808b0";
