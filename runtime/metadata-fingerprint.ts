/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x7c93cb6f21e54fda0002d0cb3247c98b8537cce8fdd8ff66e9ee1d635592e30c";
