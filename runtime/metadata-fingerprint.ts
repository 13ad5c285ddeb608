/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x1cafabe7e518b059e89b8079367393414b7d4280ee2a3e4dbf202abe047f9f77";
