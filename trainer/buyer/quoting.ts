import { constants, type OrderSpec, type Quote } from "../../pallets/marketplace/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import { errorText, quoteOf } from "../client/queries.ts";
import { BuyerError } from "./buyer-error.ts";
import { type BuyerTerms, noLimit } from "./order-spec.ts";

const leastPrice = constants.MinPrice;

type Candidate = Quote["candidates"][number];

/** An order as it can be placed, and what the chain says of it. */
export interface Quoted {
  readonly spec: OrderSpec;
  readonly quote: Quote;
  /** Why it cannot be placed, in sentences; empty where it can. */
  readonly obstacles: readonly string[];
}

/**
 * Asks for a price. Without a machine and without bids the cheapest machine that can do it is taken, and without a limit
 * its price is the limit: what is quoted is what will be held. @throws BuyerError `NotPlaceable`, ChainError.
 */
export async function quoteFor(chain: ChainClient, draft: OrderSpec, terms: BuyerTerms): Promise<Quoted> {
  if (terms.open && terms.priceLimit === undefined)
    throw new BuyerError("NotPlaceable", "an order that is open to bids needs a price limit: --price-limit");
  const first = await quoteOf(chain, terms.open ? draft : { ...draft, price_limit: noLimit });
  const why = first.refusals.map(sentence);
  if (terms.open) return { spec: draft, quote: first, obstacles: why };
  const chosen = await chosenBy(chain, draft, first);
  if (chosen === undefined) {
    const obstacles = why.length > 0 ? why : [noneText(first.candidates.length)];
    return { spec: draft, quote: first, obstacles };
  }
  const spec = {
    ...draft,
    machine: chosen.machine,
    price_limit: terms.priceLimit ?? larger(chosen.price, leastPrice),
  };
  const quote = await quoteOf(chain, spec);
  return {
    spec,
    quote: { ...quote, candidates: first.candidates },
    obstacles: [...quote.refusals, ...(quote.candidates[0]?.refusals ?? [])].map(sentence),
  };
}

/** The machine that is named, or the cheapest that takes the order on its own terms, which bind only direct orders. */
async function chosenBy(
  chain: ChainClient,
  draft: OrderSpec,
  { candidates }: Quote,
): Promise<Candidate | undefined> {
  if (draft.machine) return candidates[0];
  for (const { machine } of candidates.filter(({ refusals }) => refusals.length === 0)) {
    const [direct] = (await quoteOf(chain, { ...draft, machine, price_limit: noLimit })).candidates;
    if (direct?.refusals.length === 0) return direct;
  }
  return undefined;
}

const noneText = (offers: number): string =>
  `${offers === 0 ? "no machine is for hire" : "no machine that is for hire can do it on these terms"}: place it --open with a --price-limit`;

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

const sentence = (refusal: string): string => errorText("Marketplace", refusal);
