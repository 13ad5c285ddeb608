/** A signature thread that dies when it is asked about a message that begins with the byte 0xdd. */
import { parentPort } from "node:worker_threads";
import { verifySignature } from "../../../runtime/primitives/crypto.ts";
import { unpackBatch } from "../batch.ts";

parentPort?.on("message", (packed: Uint8Array) => {
  const verdicts = unpackBatch(packed).map(({ signature, message, signer }) => {
    if (message[0] === 0xdd) process.exit(7);
    return verifySignature(signature, message, signer) ? 1 : 0;
  });
  parentPort?.postMessage(Uint8Array.from(verdicts));
});
