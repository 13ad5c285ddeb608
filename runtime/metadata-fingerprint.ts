/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x20370aff0923726d37a70ede466344038a73e0c217b9b7e9a81c057605682101";
