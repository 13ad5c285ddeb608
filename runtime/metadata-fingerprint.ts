/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0xd3556d1aa342b172534b0759ee74e9b41be2fda75f729b18e0388309d003f46a";
