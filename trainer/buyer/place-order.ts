/** An order, from a checked job to its number on the chain. */
import { storage as marketplace, type OrderSpec } from "../../pallets/marketplace/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { amountText } from "../client/amount-text.ts";
import type { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import { settled } from "../client/settled.ts";
import type { Signer } from "../client/signer.ts";
import type { Included } from "../client/submitter.ts";
import { manifestHash } from "../proof/manifest.ts";
import type { Store } from "../storage/store.ts";
import { BuyerError } from "./buyer-error.ts";
import { keepSecrets, nameSecrets, secretsFolder } from "./order-secrets.ts";
import { type BuyerTerms, orderSpecOf } from "./order-spec.ts";
import { type Privacy, publishJob, sealed } from "./publish-job.ts";
import { quoteFor } from "./quoting.ts";
import type { ReadyJob } from "./ready-job.ts";

export interface PlaceOptions {
  /** Where the job is put, and by what: see `publishJob`. */
  readonly store: Store;
  readonly base: string;
  readonly terms: BuyerTerms;
  /** What is sealed; everything where absent. */
  readonly privacy?: Privacy;
  /** Where the order's keys are kept; `secretsFolder()` where absent. */
  readonly secrets?: string;
  readonly signal: AbortSignal;
  /** Told what is being done. */
  readonly note?: (line: string) => void;
}

export interface Placed {
  readonly order: number;
  readonly block: Included["block"];
  readonly spec: OrderSpec;
  /** 0x and 64 digits. */
  readonly manifest: string;
  /** Where the manifest lies. */
  readonly uri: string;
  /** File with the order's keys; undefined where nothing is sealed. */
  readonly keys: string | undefined;
}

/**
 * Asks the chain whether the order can be, publishes the job, keeps its keys, and places the order, which holds the money. What
 * cannot be is refused before anything is published. @throws BuyerError, ChainError, StorageError.
 */
export async function placeOrder(
  chain: ChainClient,
  signer: Signer,
  job: ReadyJob,
  options: PlaceOptions,
): Promise<Placed> {
  const { store, base, terms, secrets: folder = secretsFolder(), signal } = options;
  const { manifest, keepsBack, cost } = job;
  await placeable(chain, signer, orderSpecOf(manifest, "", cost, terms), terms);
  const privacy = options.privacy ?? sealed();
  options.note?.(`publishing under ${base}`);
  const published = await publishJob(
    store,
    manifest,
    base,
    { ...privacy, validation: privacy.validation || keepsBack },
    signal,
  );
  const { secrets, uri } = published;
  const hash = manifestHash(published.manifest);
  const spec = await placeable(chain, signer, orderSpecOf(published.manifest, uri, cost, terms), terms);
  signal.throwIfAborted();
  const genesis = await chain.request<string>("chain_getBlockHash", 0);
  const isSecret = Object.keys(secrets).length > 0;
  if (isSecret) await keepSecrets(folder, { ...secrets, genesis, manifest: hash });
  const at = await sendPlacing(chain, signer, spec, signal);
  const keys = isSecret ? await nameSecrets(folder, { genesis, manifest: hash }, at.order) : undefined;
  return { ...at, spec, manifest: hash, uri, keys };
}

/** Places an order; one whose transaction was on its way when the node went away is looked for when that is back. @throws ChainError. */
async function sendPlacing(
  chain: ChainClient,
  signer: Signer,
  spec: OrderSpec,
  signal: AbortSignal,
): Promise<Pick<Placed, "order" | "block">> {
  const next = await chain.read(marketplace.NextOrder, []);
  const call = { type: "Marketplace", value: { type: "place_order", value: { spec } } } as const;
  try {
    const included = await chain.submit(signer, call, { until: "finalized" });
    return { order: orderIn(included), block: included.block };
  } catch (error) {
    if (!(error instanceof ChainError && ["Unreachable", "Pending"].includes(error.code))) throw error;
    await settled(chain, signer, signal);
    const found = await placedSince(chain, next, signer, spec);
    if (found === undefined) throw error;
    return found;
  }
}

/** The order of this buyer and manifest that was placed since orders were counted up to `next`. */
async function placedSince(
  chain: ChainClient,
  next: number,
  { account }: Signer,
  { manifest }: OrderSpec,
): Promise<Pick<Placed, "order" | "block"> | undefined> {
  const end = await chain.read(marketplace.NextOrder, []);
  for (let order = next; order < end; order++) {
    const found = await chain.read(marketplace.Orders, [order]);
    if (!found || !equalBytes(found.buyer, account) || !equalBytes(found.spec.manifest, manifest)) continue;
    const hash = await chain.request<string>("chain_getBlockHash", found.placed);
    return { order, block: { hash, number: found.placed } };
  }
  return undefined;
}

/** The order as the chain will take it. @throws BuyerError that says why it would not. */
async function placeable(
  chain: ChainClient,
  signer: Signer,
  draft: OrderSpec,
  terms: BuyerTerms,
): Promise<OrderSpec> {
  const { spec, quote, obstacles } = await quoteFor(chain, draft, terms);
  if (obstacles.length > 0)
    throw new BuyerError("NotPlaceable", `it cannot be placed: ${obstacles.join(" ")}`);
  const { free } = (await chain.read(system.Account, [signer.account])).data;
  if (free >= quote.at_most) return spec;
  throw new BuyerError(
    "TooPoor",
    `${signer.address} has ${amountText(free)} free, and the order takes up to ${amountText(quote.at_most)} and a transaction fee`,
  );
}

function orderIn({ events, hash }: Included): number {
  const placed = events.find(({ type, value }) => type === "Marketplace" && value.type === "OrderPlaced");
  if (placed === undefined) throw new ChainError("Refused", `the transaction ${hash} placed no order`);
  return (placed.value.value as { order: number }).order;
}
