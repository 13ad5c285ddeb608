/** A worker thread: takes packed batches, answers one byte per item (1 = the signature is right). */
import { parentPort } from "node:worker_threads";
import { unpackBatch } from "./batch.ts";
import { verifyItem } from "./verify-item.ts";

parentPort?.on("message", (packed: Uint8Array) => {
  const items = unpackBatch(packed);
  parentPort?.postMessage(Uint8Array.from(items, (item) => (verifyItem(item) ? 1 : 0)));
});
