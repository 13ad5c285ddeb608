import type { RuntimeVersion } from "../../runtime/frame/runtime-version.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";

/** As `state_getRuntimeVersion` writes it; `stateVersion` is the old name of `systemVersion`, and clients read either. */
export function runtimeVersionToJson(version: RuntimeVersion) {
  return {
    specName: version.spec_name,
    implName: version.impl_name,
    authoringVersion: version.authoring_version,
    specVersion: version.spec_version,
    implVersion: version.impl_version,
    apis: version.apis.map(([id, revision]) => [toHex(id), revision]),
    transactionVersion: version.transaction_version,
    systemVersion: version.system_version,
    stateVersion: version.system_version,
  };
}

/** As the `chainHead` group writes it: fewer fields, and the APIs as an object. */
export function runtimeSpecToJson(version: RuntimeVersion) {
  return {
    type: "valid",
    spec: {
      specName: version.spec_name,
      implName: version.impl_name,
      specVersion: version.spec_version,
      implVersion: version.impl_version,
      transactionVersion: version.transaction_version,
      apis: Object.fromEntries(version.apis.map(([id, revision]) => [toHex(id), revision])),
    },
  };
}
