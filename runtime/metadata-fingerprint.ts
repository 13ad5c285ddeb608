/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x0988c506d2040de4b7d18da9fe4bdf83af6448b41c0e9e0a3bb932a2f9d41120";
