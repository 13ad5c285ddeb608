import { apiVersions } from "./api-versions.ts";
import type { RuntimeVersion } from "./frame/runtime-version.ts";

/**
 * What this runtime is. Raise `spec_version` with every change of rules or metadata (clients cache by it),
 * `transaction_version` only when the encoding of calls or extensions changes.
 */
export const version: RuntimeVersion = {
  spec_name: "matrixai",
  impl_name: "matrixai-node",
  authoring_version: 1,
  spec_version: 103,
  impl_version: 1,
  apis: apiVersions,
  transaction_version: 1,
  /** State in trie layout 1, extrinsics root in layout 0: what a new Substrate chain has. */
  system_version: 1,
};
