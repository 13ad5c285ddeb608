import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { givenBy } from "../buyer/given.ts";
import { readSecrets } from "../buyer/order-secrets.ts";
import { writeWhole } from "../engine/whole-file.ts";
import { openJob } from "../job/open-job.ts";
import { type Hash, toHex } from "../proof/canonical.ts";
import { checksOfInspection, type Inspection, inspect } from "../proof/inspection/inspect.ts";
import { checkpoints, type Manifest } from "../proof/manifest.ts";
import { Package } from "../proof/package.ts";
import type { Finding, Report } from "../proof/rules/report.ts";
import { type DeviceFlags, deviceOf, deviceOptions } from "./device-options.ts";
import { hash, type IdentityFlags, identityOptions } from "./identity-options.ts";
import { type PlaceFlags, placeOf, placeOptions } from "./place.ts";
import { type Context, exitCode, InputError, runCommand } from "./run-command.ts";

interface Flags extends DeviceFlags, IdentityFlags, PlaceFlags {
  readonly challenge?: Hash;
  readonly everything?: boolean;
  readonly plot?: string;
  readonly until?: number;
  readonly orderKeys?: string;
}

/** `verify PACKAGE`: inspects a proof of training. */
export function register(program: Command): void {
  const command = program
    .command("verify")
    .summary("inspect a proof of training")
    .description(
      "Inspects the proof in a folder: links, start, the six rules, losses, and random segments trained again.",
    )
    .argument("<package>", "folder of the proof")
    .option("--challenge <0x...>", "seed of what is looked at (default: random)", hash)
    .option("--until <checkpoint>", "inspect a training that was stopped at this checkpoint", checkpoint)
    .option(
      "--order-keys <file>",
      "keys of the order, where its data is sealed; `order place` says where they are",
    )
    .option("--everything", "go on after a failure")
    .option("--plot <file>", "SVG file for a picture of the chain");
  runCommand(
    placeOptions(identityOptions(deviceOptions(command))),
    async (context, folder: string, flags: Flags) => {
      const { terminal, signal } = context;
      if (!existsSync(join(folder, "manifest.json")))
        throw new InputError(`${folder} is no folder of a proof: it has no manifest.json`);
      const pkg = new Package(folder);
      const manifest = await pkg.manifest();
      const until = untilOf(flags, manifest);
      const claimed = (await pkg.proof()).identity;
      const identity = {
        order: flags.order ?? claimed.order,
        trainer: flags.trainer ?? claimed.trainer,
        randomness: flags.randomness ?? claimed.randomness,
      };
      const place = placeOf(join(folder, "manifest.json"), flags, context);
      try {
        const given = flags.orderKeys === undefined ? {} : await givenBy(readSecrets(flags.orderKeys), place);
        const { job, close } = await openJob(manifest, place, given);
        const device = await deviceOf(flags, terminal);
        const challenge =
          flags.challenge === undefined ? randomBytes(32) : Buffer.from(flags.challenge.slice(2), "hex");
        const bar = terminal.progress("checks", checksOfInspection);
        try {
          const started = performance.now();
          const inspection = await inspect(device, job, pkg, {
            identity,
            challenge,
            signal,
            ...until,
            ...(flags.everything ? { everything: true } : {}),
            onProgress: (check, done) => bar.update(done, check),
          });
          bar.stop();
          await tell(context, folder, toHex(challenge), inspection, performance.now() - started, flags.plot);
          return inspection.verdict.passed ? exitCode.ok : exitCode.rejected;
        } finally {
          bar.stop();
          device.close();
          close();
        }
      } finally {
        await place.store.close();
      }
    },
  );
}

/** Where the proof ends, if before the end of the job. @throws InputError for a checkpoint that the job does not have. */
function untilOf({ until }: Flags, manifest: Manifest): { readonly until?: number } {
  if (until === undefined) return {};
  const last = checkpoints(manifest);
  if (until <= last) return { until };
  throw new InputError(`the job ends with checkpoint ${last}; --until ${until} lies beyond`);
}

function checkpoint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("The number of a checkpoint is needed, from 1 on.");
  return value;
}

async function tell(
  { terminal }: Context,
  folder: string,
  challenge: Hash,
  { verdict, curves }: Inspection,
  elapsedMs: number,
  plot: string | undefined,
): Promise<void> {
  if (plot !== undefined && curves !== undefined) {
    const { plotChain } = await import("../proof/plot.ts"); // slow to load, seldom asked for
    await writeWhole(plot, Buffer.from(await plotChain(folder, curves)));
  }
  terminal.answer({ ...verdict, elapsedMs }, [
    ...verdict.reports.flatMap(reportLines),
    `challenge ${challenge}, ${verdict.comparison} comparison`,
    ...(verdict.until === undefined ? [] : [`left unfinished at checkpoint ${verdict.until}`]),
    verdict.passed ? "accepted" : "REJECTED",
  ]);
}

function reportLines({ id, title, passed, findings, note }: Report): string[] {
  return [
    `${passed ? "ok  " : "FAIL"} ${id}: ${title}${note === undefined ? "" : ` (${note})`}`,
    ...findings.map((f) => `     ${f.passed ? " " : "!"} ${findingText(f)}`),
  ];
}

const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

const findingText = ({ statistic, value, relation, threshold, where }: Finding): string =>
  `${statistic}: ${figure(value)} ${relation} ${figure(threshold)}${where === undefined ? "" : ` at ${where}`}`;
