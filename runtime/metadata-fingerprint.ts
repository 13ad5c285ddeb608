/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0xf94c7bdb1d68d83b5e22b1d1ee0857cfc8d8bf596aab143e6d44b349b26040a6";
