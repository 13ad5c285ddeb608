import { callApi, metadata } from "../../runtime/apis.ts";
import { executeBlock } from "../../runtime/executive.ts";
import { version } from "../../runtime/version.ts";
import type { RuntimeCalls } from "./services.ts";

/** The runtime that this program contains. */
export const runtimeCalls: RuntimeCalls = {
  version,
  metadata: (storage, of) => metadata({ storage }, of),
  callApi,
  executeBlock: (storage, block) => executeBlock(storage, block, () => true),
};
