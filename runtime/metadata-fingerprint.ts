/** BLAKE2b-256 of the metadata in `test/golden`; `node runtime/golden.ts` writes both. */
export const metadataFingerprint = "0x0000000000000000000000000000000000000000000000000000000000000000";
