/** A worker thread: takes packed batches, answers one byte per item (1 = the signature is right). */
import { parentPort } from "node:worker_threads";
import { verifySignature } from "../../runtime/primitives/crypto.ts";
import { unpackBatch } from "./batch.ts";

parentPort?.on("message", (packed: Uint8Array) => {
  const verdicts = unpackBatch(packed).map(({ signature, message, signer }) =>
    verifySignature(signature, message, signer) ? 1 : 0,
  );
  parentPort?.postMessage(Uint8Array.from(verdicts));
});
