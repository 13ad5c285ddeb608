/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x52b837c68712d21b32cb253d2a14e20ace9b15000d842c36f075b4f402c573de";
