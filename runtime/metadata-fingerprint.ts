/** BLAKE2b-256 of all versions of the metadata; `node scripts/accept-metadata.ts` writes it. */
export const metadataFingerprint = "0x4798b2ebef0264068889141cb9c3f7fe12d7d826209905c47e4638b4f3d7e2b8";
