/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x293e9b5e8b367f36c56b359716826d1f101dbc5744a7511763a9b0be21ce59ef";
