/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x42fe3f59f3864ec65817d747c7245b4dc1d292253e0fe1c445a23ce2a0a2233e";
