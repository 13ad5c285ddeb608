/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x8b9f225b2aac4d6b484746d4f2080eeb6e61307da99e1e5becb01aee4ddba74c";
