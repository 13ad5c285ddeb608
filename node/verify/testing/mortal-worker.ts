/** A signature thread that dies when it is asked about a message that begins with the byte 0xdd. */
import { parentPort } from "node:worker_threads";
import { unpackBatch } from "../batch.ts";
import { verifyItem } from "../verify-item.ts";

parentPort?.on("message", (packed: Uint8Array) => {
  const verdicts = unpackBatch(packed).map((item) => {
    if (item.message[0] === 0xdd) process.exit(7);
    return verifyItem(item) ? 1 : 0;
  });
  parentPort?.postMessage(Uint8Array.from(verdicts));
});
