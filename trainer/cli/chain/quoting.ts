import type { OrderSpec, Quote } from "../../../pallets/marketplace/index.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { errorText, quoteOf } from "../../client/queries.ts";
import { InputError } from "../run-command.ts";
import { durationText, short } from "../terminal.ts";
import { addressOf } from "./account.ts";
import { amountText, workText } from "./amount.ts";
import type { TermFlags } from "./order-options.ts";
import { table } from "./table.ts";

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
 * its price is the limit: what is quoted is what will be held.
 */
export async function quoteFor(chain: ChainClient, draft: OrderSpec, terms: TermFlags): Promise<Quoted> {
  if (terms.open && terms.priceLimit === undefined)
    throw new InputError("an order that is open to bids needs --price-limit");
  const first = await quoteOf(chain, draft);
  if (terms.open) return { spec: draft, quote: first, obstacles: first.refusals.map(sentence) };
  const named = draft.machine ?? (await cheapest(chain, draft, first));
  if (named === undefined) {
    const none =
      first.candidates.length === 0 ? "no machine is for hire" : "no machine that is for hire can do it";
    const obstacles = [...first.refusals.map(sentence), `${none}: place it --open with a --price-limit`];
    return { spec: draft, quote: first, obstacles };
  }
  const direct = { ...draft, machine: named };
  const { candidates } = await quoteOf(chain, direct);
  const price = candidates[0]?.price ?? 0n;
  const spec = { ...direct, price_limit: terms.priceLimit ?? price };
  const quote = await quoteOf(chain, spec);
  return {
    spec,
    quote: { ...quote, candidates: draft.machine ? quote.candidates : first.candidates },
    obstacles: [...quote.refusals, ...(quote.candidates[0]?.refusals ?? [])].map(sentence),
  };
}

/** The first candidate that takes the order at its own terms: those of an open order may have shorter windows. */
async function cheapest(
  chain: ChainClient,
  draft: OrderSpec,
  { candidates }: Quote,
): Promise<Uint8Array | undefined> {
  for (const { machine } of candidates.filter(({ refusals }) => refusals.length === 0)) {
    const [direct] = (await quoteOf(chain, { ...draft, machine })).candidates;
    if (direct?.refusals.length === 0) return machine;
  }
  return undefined;
}

const sentence = (refusal: string): string => errorText("Marketplace", refusal);

export function quoteLines({ spec, quote, obstacles }: Quoted): string[] {
  const { flop, work, inspection_fee, at_most, candidates } = quote;
  return [
    `work: ${short(Number(flop))}FLOP, ${workText(work)}; ${spec.steps} steps, ${spec.checkpoints} checkpoints, ${spec.disk} MiB of disk`,
    ...(candidates.length > 0 ? candidateLines(candidates) : []),
    ...(obstacles.length > 0
      ? obstacles.map((why) => `it cannot be placed: ${why}`)
      : [
          `${spec.machine ? `machine ${toHex(spec.machine)}` : "open to bids"}: at most ${amountText(at_most)}, of which ${amountText(inspection_fee)} for ${spec.inspectors} inspectors`,
        ]),
  ];
}

const candidateLines = (candidates: readonly Candidate[]): string[] =>
  table(
    ["machine", "trainer", "price", "takes", "completed", "failed", "late", ""],
    candidates.map(({ machine, trainer, price, duration, history, refusals }) => [
      toHex(machine),
      addressOf(trainer),
      amountText(price),
      duration === undefined ? "not measured" : durationText(Number(duration)),
      String(history.completed),
      String(history.failed),
      String(history.late),
      refusals.join(", ") || "can do it",
    ]),
  );

/** The same for programs: accounts as addresses. */
export const plainQuote = ({ spec, quote, obstacles }: Quoted) => ({
  ...quote,
  candidates: quote.candidates.map((each) => ({ ...each, trainer: addressOf(each.trainer) })),
  machine: spec.machine,
  priceLimit: spec.price_limit,
  disk: spec.disk,
  steps: spec.steps,
  checkpoints: spec.checkpoints,
  obstacles,
});
