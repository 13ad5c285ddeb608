/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x08f6eb232031ef515c32fe14cb208137a6132a7982b6f5ee02847883bf1c993b";
