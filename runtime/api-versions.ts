import type { RuntimeVersion } from "./frame/runtime-version.ts";
import { apiId } from "./primitives/hashing.ts";

/** The APIs that `apis.ts` serves, by name. A client decodes each by the version that stands here. */
export const apiVersionOf = {
  Core: 5,
  Metadata: 2,
  BlockBuilder: 6,
  TaggedTransactionQueue: 3,
  AccountNonceApi: 1,
  TransactionPaymentApi: 4,
  TransactionPaymentCallApi: 3,
  PohApi: 1,
  ComputeScoreApi: 1,
  MarketplaceApi: 1,
  TrainerApi: 1,
  GrandpaApi: 3,
} as const;

export const apiVersions: RuntimeVersion["apis"] = Object.entries(apiVersionOf).map(
  ([name, version]) => [apiId(name), version] as const,
);
