/**
 * All that a program needs to buy trainings: connect to a node, ask what a job costs, place an order, follow it while its keys are
 * handed out, and fetch the model. `docs/examples/buy.ts` does it from beginning to end.
 *
 * Amounts are in the smallest unit of the token, 10^-12 MAI; accounts and hashes are 32 bytes or 0x and 64 digits, as the types say.
 * What fails in a way that can be expected throws a `ChainError`, `BuyerError`, `JobError`, `StorageError`, `DataError` or `EngineError`,
 * whose message says what would be right.
 */
export { ChainClient, type ConnectOptions } from "../client/chain-client.ts";
export { ChainError, type ChainErrorCode } from "../client/errors.ts";
export type { FinalBlock } from "../client/final-blocks.ts";
export {
  type OfferInfo,
  type OpenOrder,
  type OrderDetails,
  offersOf,
  openOrdersOf,
  orderOf,
  quoteOf,
  scoreOf,
  scoresOf,
  slotMs,
  statisticsOf,
} from "../client/queries.ts";
export { type Signer, signerOf } from "../client/signer.ts";
export type { Included, SubmitOptions } from "../client/submitter.ts";
export { JobError } from "../job/job-error.ts";
export { completeJob, type JobFile, readBuyersJob } from "../job/job-file.ts";
export type { JobPlace } from "../job/open-job.ts";
export { StorageError } from "../storage/error.ts";
export { type SealKeys, sealKeys } from "../storage/sealed.ts";
export { openStore, type Store, type StoreOptions } from "../storage/store.ts";
export { BuyerError, type BuyerErrorCode } from "./buyer-error.ts";
export { continuedJob } from "./continue-order.ts";
export { type Due, dueOf } from "./due.ts";
export { finalHead, followOrder, type OrderAt } from "./follow-order.ts";
export { handOut, Keeper, type KeeperLog } from "./keeper.ts";
export { known } from "./known.ts";
export {
  type JobSecrets,
  type OrderSecrets,
  readSecrets,
  secretsFolder,
  secretsOf,
} from "./order-secrets.ts";
export { type BuyerTerms, orderSpecOf, usualTerms } from "./order-spec.ts";
export { type Placed, type PlaceOptions, placeOrder } from "./place-order.ts";
export { type Privacy, publishJob, sealed } from "./publish-job.ts";
export { type Quoted, quoteFor } from "./quoting.ts";
export { type ReadyJob, readyJob } from "./ready-job.ts";
export { secretsHere, type Taken, type TakeOptions, takeModel } from "./take-model.ts";
