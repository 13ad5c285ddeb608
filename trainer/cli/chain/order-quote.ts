import type { Command } from "commander";
import { type BuyerTerms, orderSpecOf } from "../../buyer/order-spec.ts";
import { quoteFor } from "../../buyer/quoting.ts";
import { readyJob } from "../../buyer/ready-job.ts";
import { readBuyersJob } from "../../job/job-file.ts";
import { type PlaceFlags, placeOf, placeOptions } from "../place.ts";
import { exitCode } from "../run-command.ts";
import { type ChainFlags, runOnChain } from "./connection.ts";
import { termOptions } from "./order-options.ts";
import { plainQuote, quoteLines } from "./quote-lines.ts";

interface Flags extends ChainFlags, PlaceFlags, BuyerTerms {}

/** `order quote JOB.json`: FLOP, price and who could do it, before anybody is bound. */
export function register(order: Command): void {
  const command = order
    .command("quote")
    .summary("what a job would cost, and who could do it")
    .description(
      "Counts the work of a job file, and asks the chain who could do it in what time for what price.",
    )
    .argument("<job>", "job file (JSON), as for train");
  runOnChain(termOptions(placeOptions(command)), async (chain, context, path: string, flags: Flags) => {
    const place = placeOf(path, flags, context);
    try {
      const { manifest, cost } = await readyJob(await readBuyersJob(path, place), place);
      const quoted = await quoteFor(chain, orderSpecOf(manifest, "", cost, flags), flags);
      context.terminal.answer(plainQuote(quoted), quoteLines(quoted));
      return quoted.obstacles.length === 0 ? exitCode.ok : exitCode.badInput;
    } finally {
      await place.store.close();
    }
  });
}
