import { join } from "node:path";
import type { Command } from "commander";
import { continuedJob } from "../../buyer/continue-order.ts";
import { known } from "../../buyer/known.ts";
import type { BuyerTerms } from "../../buyer/order-spec.ts";
import { type Placed, placeOrder } from "../../buyer/place-order.ts";
import { type Privacy, sealed } from "../../buyer/publish-job.ts";
import { type ReadyJob, readyJob } from "../../buyer/ready-job.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { type JobFile, readBuyersJob } from "../../job/job-file.ts";
import type { JobPlace } from "../../job/open-job.ts";
import { totalSteps } from "../../proof/manifest.ts";
import { type PlaceFlags, placeOf, placeOptions } from "../place.ts";
import { type Context, InputError } from "../run-command.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions, signerFrom } from "./connection.ts";
import { fetchingStore, fetchProgress } from "./fetching.ts";
import { type KeysFlags, keysOptions, termOptions } from "./order-options.ts";
import { watchOrder } from "./order-watch.ts";
import { recipientKeysOrNew } from "./recipient.ts";

interface Flags extends ChainFlags, PlaceFlags, BuyerTerms, SecretFlags, KeysFlags {
  readonly publish: string;
  readonly public?: boolean;
  readonly recipientKey?: string;
  readonly from?: string;
  readonly files?: string;
  readonly watch?: boolean;
}

/** `order place JOB.json`: publishes the job and places the order. */
export function register(order: Command): void {
  const command = order
    .command("place")
    .summary("publish a job and order its training")
    .description(
      "Puts model, data and manifest where trainers can read them, and places the order. Data and results are sealed, unless told otherwise: trainer and inspectors are given keys while you watch the order.",
    )
    .argument("<job>", "job file (JSON), as for train")
    .requiredOption("--publish <address>", "where the job is put: s3://bucket/folder, ipfs:, https: or file:")
    .option("--public", "leave data and results in the open")
    .option("--recipient-key <file>", "key to which results are sealed; made where the file is not there")
    .option(
      "--from <address>",
      "with --continues: where the earlier order's package lies, if not on the chain",
    )
    .option("--files <folder>", "with --continues: folder under which file: addresses may be read")
    .option("--watch", "go on to watch the order, and hand out its keys");
  runOnChain(
    keysOptions(secretOptions(termOptions(placeOptions(command)))),
    async (chain, context, path: string, flags: Flags) => {
      const { terminal, signal } = context;
      if (flags.priceLimit === undefined)
        throw new InputError("say what the training may cost: --price-limit MAI");
      const signer = await signerFrom(flags);
      const place = placeOf(path, flags, context);
      let placed: Placed;
      try {
        const job = await jobOf(chain, path, place, flags, context);
        placed = await placeOrder(chain, signer, job, {
          store: place.store,
          base: flags.publish,
          terms: flags,
          privacy: privacyOf(flags),
          secrets: flags.keys,
          signal,
          note: terminal.note,
        });
      } finally {
        await place.store.close();
      }
      if (!flags.watch) {
        terminal.answer(plain(placed), [
          ...linesOf(placed),
          `follow it with: matrixai order watch ${placed.order}`,
        ]);
        return undefined;
      }
      for (const line of linesOf(placed)) terminal.note(line);
      return watchOrder(chain, context, placed.order, { ...flags, signer });
    },
  );
}

/** The job, checked as trainers will; the rest of it where it goes on where an earlier order ended. */
async function jobOf(
  chain: ChainClient,
  path: string,
  place: JobPlace,
  flags: Flags,
  context: Context,
): Promise<ReadyJob> {
  const file = await readBuyersJob(path, place);
  if (flags.continues !== undefined)
    return readyJob(await restOf(chain, file, flags.continues, flags, context), place);
  if (flags.from === undefined) return readyJob(file, place);
  throw new InputError("--from says where the package of an earlier order lies: name that with --continues");
}

async function restOf(
  chain: ChainClient,
  file: JobFile,
  earlier: number,
  flags: Flags,
  { terminal, signal }: Context,
): Promise<JobFile> {
  const { from, keys: secrets, cache } = flags;
  // The earlier trainer's addresses are a stranger's, unlike those in the job.
  const store = fetchingStore(flags);
  const progress = fetchProgress(terminal);
  try {
    const rest = await continuedJob(chain, file, await known(chain, earlier), {
      store,
      folder: join(cache, `continued-${earlier}`),
      secrets,
      signal,
      onProgress: progress.update,
      ...(from !== undefined && { from }),
    });
    const [left, whole] = [totalSteps(rest.manifest), totalSteps(file.manifest)];
    progress.stop();
    terminal.note(
      `goes on with order ${earlier} after step ${whole - left}: ${left} of ${whole} steps are left`,
    );
    return rest;
  } finally {
    progress.stop();
    await store.close();
  }
}

function privacyOf({ public: isPublic, recipientKey }: Flags): Privacy {
  const results = recipientKey === undefined ? undefined : recipientKeysOrNew(recipientKey);
  return isPublic ? { training: false, validation: false, ...(results && { results }) } : sealed(results);
}

const plain = ({ spec, ...placed }: Placed) => ({ ...placed, machine: spec.machine, flop: spec.flop });

const linesOf = ({ order, block, manifest, uri, keys }: Placed): string[] => [
  `order ${order}, in block ${block.number}`,
  `manifest ${manifest} at ${uri}`,
  ...(keys === undefined
    ? ["data and results lie in the open"]
    : [`its keys are in ${keys}: keep that file, and watch the order, for the keys to be handed out`]),
];
