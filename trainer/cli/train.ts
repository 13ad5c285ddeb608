import { join } from "node:path";
import type { Command } from "commander";
import type { Device } from "../engine/device/device.ts";
import { exportModel } from "../engine/export.ts";
import type { Model } from "../engine/onnx/model.ts";
import { warningsOf } from "../engine/plan.ts";
import type { Tensors } from "../engine/tensor.ts";
import { writeWhole } from "../engine/whole-file.ts";
import { readJobFile } from "../job/job-file.ts";
import { openJob } from "../job/open-job.ts";
import { decodeCheckpoint } from "../proof/checkpoint.ts";
import { accuracyOf } from "../proof/compute.ts";
import type { Identity } from "../proof/identity.ts";
import { checkpointBytes, type Job } from "../proof/job.ts";
import { checkpoints, totalSteps } from "../proof/manifest.ts";
import { Package, type Proof } from "../proof/package.ts";
import { record } from "../proof/record.ts";
import { type DeviceFlags, deviceOf, deviceOptions } from "./device-options.ts";
import { type IdentityFlags, identityOptions, zeroHash } from "./identity-options.ts";
import { type PlaceFlags, placeOf, placeOptions } from "./place.ts";
import { type Context, InputError, runCommand } from "./run-command.ts";
import { durationText, short } from "./terminal.ts";

interface Flags extends DeviceFlags, IdentityFlags, PlaceFlags {
  readonly out?: string;
}

/** `train JOB.json`: trains, and records the proof of it; goes on where it was stopped. */
export function register(program: Command): void {
  const command = program
    .command("train")
    .summary("train a model by a job file and record the proof")
    .description(
      "Trains a model by a job file. The folder of results holds checkpoints, proof and the trained model; run again to go on.",
    )
    .argument("<job>", "job file (JSON)")
    .option("--out <folder>", "folder of the results (default: the job's name with .run)");
  runCommand(
    placeOptions(identityOptions(deviceOptions(command))),
    async (context, path: string, flags: Flags) => {
      const place = placeOf(path, flags, context);
      try {
        const manifest = await readJobFile(path, place);
        const { job, model, close } = await openJob(manifest, place);
        for (const warning of warningsOf(model)) context.terminal.note(`warning: ${warning}`);
        const device = await deviceOf(flags, context.terminal);
        checkClass(manifest.determinism, device);
        try {
          context.goOnWith("the same command");
          const out = flags.out ?? `${path.replace(/\.json$/, "")}.run`;
          await trainAndTell(context, device, job, model, identityOf(flags), out);
        } finally {
          device.close();
          close();
        }
      } finally {
        await place.store.close();
      }
      return undefined;
    },
  );
}

function checkClass(wanted: string, device: Device): void {
  if (wanted === "any" || wanted === device.determinism) return;
  device.close();
  throw new InputError(`the job asks for a device of class ${wanted}, this one is ${device.determinism}`);
}

function identityOf({ order = 0, trainer = zeroHash, randomness = zeroHash }: IdentityFlags): Identity {
  return { order, trainer, randomness };
}

async function trainAndTell(
  { terminal, signal }: Context,
  device: Device,
  job: Job,
  model: Model,
  identity: Identity,
  out: string,
): Promise<void> {
  const { manifest } = job;
  const steps = totalSteps(manifest);
  const pkg = new Package(out);
  const bar = terminal.progress("steps", steps);
  const started = performance.now();
  let done = 0;
  let proof: Proof;
  try {
    proof = await record(device, job, identity, pkg, {
      signal,
      onProgress({ step, loss, stepsPerSecond }) {
        done += 1;
        const left = durationText(((steps - step) * 1000) / stepsPerSecond);
        bar.update(step, `loss ${loss.toPrecision(4)}, ${short(stepsPerSecond)} steps/s, ${left} left`);
      },
    });
  } finally {
    bar.stop();
  }
  const elapsedMs = performance.now() - started;
  const state = await finalState(job, pkg);
  const trained = join(out, "model.onnx");
  await writeWhole(trained, exportModel(model, state));
  const accuracy = await finalAccuracy(device, job, state, signal);
  const flop = job.train.flopPerStep * BigInt(steps);
  terminal.answer(
    {
      folder: out,
      model: trained,
      steps,
      checkpoints: checkpoints(manifest),
      loss: proof.links.at(-1)?.loss,
      accuracy,
      target: manifest.target,
      flop,
      elapsedMs,
      device: device.kind,
      determinism: proof.determinism,
      runtime: proof.runtime,
      link: proof.links.at(-1)?.link,
    },
    [
      done === 0
        ? `${out} was already complete`
        : `trained ${steps} steps in ${durationText(elapsedMs)}: ${short(Number(flop))}FLOP`,
      `loss ${proof.links.at(-1)?.loss.toPrecision(4)}${accuracy === undefined ? "" : `, accuracy ${(100 * accuracy).toFixed(2)} % on the validation data`}`,
      `${trained}: the trained model`,
      `${out}: ${proof.links.length} checkpoints, last link ${proof.links.at(-1)?.link}`,
    ],
  );
}

async function finalState(job: Job, pkg: Package): Promise<Tensors> {
  const last = checkpoints(job.manifest);
  const bytes = await pkg.checkpoint(last, checkpointBytes(job));
  return decodeCheckpoint(`checkpoint ${last}`, bytes, job.train.state).state;
}

async function finalAccuracy(
  device: Device,
  job: Job,
  state: Tensors,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (job.validation === undefined) return undefined;
  const { right, graded } = await accuracyOf(device, job, job.validation, state, { signal });
  return right / graded;
}
