/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0xf8562847308d1f42f35ee3ec06cfa4e45b55c74f6b82ef145efd277bad713ae0";
