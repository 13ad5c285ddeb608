/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x094e4d4d593890c903b087d6f0f5b6c0a30f45fc45b8fc2800bc15eabc6b4dfc";
