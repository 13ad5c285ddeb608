/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x28d95ccac0b004d06e7521a06bfe212f5b70512186529029eb70765f75ba7505";
