/** A quote in lines, and for programs. */
import type { Quote } from "../../../pallets/marketplace/index.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import type { Quoted } from "../../buyer/quoting.ts";
import { durationText, short } from "../terminal.ts";
import { addressOf } from "./account.ts";
import { amountText, workText } from "./amount.ts";
import { table } from "./table.ts";

type Candidate = Quote["candidates"][number];

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
