/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x4cd5c0d216d309e38659ee32394a77f6483afff6b69da8906ddc559da5193c2b";
