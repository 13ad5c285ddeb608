import type { Command } from "commander";
import { openJob, sourceOf } from "../../job/open-job.ts";
import type { Manifest } from "../../proof/manifest.ts";
import { readJobFile } from "../job-file.ts";
import { type PlaceFlags, placeOf, placeOptions } from "../place.ts";
import { type Context, exitCode } from "../run-command.ts";
import { type ChainFlags, runOnChain } from "./connection.ts";
import { type TermFlags, termOptions } from "./order-options.ts";
import { costOf, type JobCost, orderSpecOf } from "./order-spec.ts";
import { plainQuote, quoteFor, quoteLines } from "./quoting.ts";

export interface JobFlags extends ChainFlags, PlaceFlags, TermFlags {}

/** `order quote JOB.json`: FLOP, price and who could do it, before anybody is bound. */
export function register(order: Command): void {
  const command = order
    .command("quote")
    .summary("what a job would cost, and who could do it")
    .description(
      "Counts the work of a job file, and asks the chain who could do it in what time for what price.",
    )
    .argument("<job>", "job file (JSON), as for train");
  runOnChain(termOptions(placeOptions(command)), async (chain, context, path: string, flags: JobFlags) => {
    const { manifest, cost } = await readJob(path, flags, context);
    const quoted = await quoteFor(chain, orderSpecOf(manifest, "", cost, flags), flags);
    context.terminal.answer(plainQuote(quoted), quoteLines(quoted));
    return quoted.obstacles.length === 0 ? exitCode.ok : exitCode.badInput;
  });
}

/** Reads a job file, checks everything that it names as a trainer will, and counts what it costs. */
export async function readJob(
  path: string,
  flags: PlaceFlags,
  context: Context,
): Promise<{ readonly manifest: Manifest; readonly cost: JobCost }> {
  const place = placeOf(path, flags, context);
  try {
    const manifest = await readJobFile(path, place);
    const { job, model, close } = await openJob(manifest, place);
    close();
    const { training, validation } = manifest;
    const data = [training, ...(validation.access === "public" ? [validation] : [])];
    const sources = await Promise.all(data.map((part) => sourceOf(place, part)));
    return { manifest, cost: costOf(job, model.bytes.length, sources) };
  } finally {
    await place.store.close();
  }
}
