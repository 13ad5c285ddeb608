/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0xf96e5e3d7b0308fbdc883e35133c0005343bbc9e1677168b40fb60f2d10d7d02";
