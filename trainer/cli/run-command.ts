import type { Command } from "commander";
import { GivenFileError } from "../../node/keystore/given-file.ts";
import { SecretError } from "../../node/keystore/secret.ts";
import { MetricsPortError } from "../../node/metrics/metrics-server.ts";
import { AgentError } from "../agent/agent-error.ts";
import { BuyerError } from "../buyer/buyer-error.ts";
import { ChainError } from "../client/errors.ts";
import { DrillingError } from "../drilling/drilling-error.ts";
import { DataError } from "../engine/data/errors.ts";
import { DeviceError } from "../engine/device/errors.ts";
import { EngineError } from "../engine/error.ts";
import { DivergedError } from "../engine/train-loop.ts";
import { WriteError } from "../engine/whole-file.ts";
import { JobError } from "../job/job-error.ts";
import { RecordError } from "../proof/record.ts";
import { StorageError } from "../storage/error.ts";
import { harmless } from "./harmless.ts";
import { isFullDisk, systemErrorText } from "./system-error.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** What the process ends with. */
export const exitCode = {
  ok: 0,
  /** Something unforeseen. */
  failed: 1,
  /** The command line, a file, a model or data is wrong. */
  badInput: 2,
  /** A proof was checked and rejected. */
  rejected: 3,
  /** The device, the storage or the disk did not do its part; trying again may help. */
  unavailable: 4,
  /** Training came to a number that is none. */
  diverged: 5,
  /** An order ended without a trained model, and without a false proof. */
  unfulfilled: 6,
  /** Stopped by a signal. */
  interrupted: 130,
} as const;

/** Input that a person can put right; the message says how. */
export class InputError extends Error {
  override readonly name = "InputError";
}

export interface Context {
  readonly terminal: Terminal;
  /** Given at the first Ctrl-C; the second ends the process. */
  readonly signal: AbortSignal;
  /** From now on, who stops the command is told that this one goes on. */
  goOnWith(command: string): void;
}

/** Adds `--json` to a command and runs `work` for it; what it throws becomes one line and an exit code. */
export function runCommand<Args extends unknown[]>(
  command: Command,
  work: (context: Context, ...args: Args) => Promise<number | undefined>,
): Command {
  return command
    .option("--json", "print one JSON document instead of text")
    .action(async (...given: unknown[]) => {
      const own = given.at(-1) as Command;
      const terminal = openTerminal(own.opts().json === true);
      const stop = new AbortController();
      let next: string | undefined;
      const goOnWith = (command: string) => {
        next = command;
      };
      const onSignal = () => {
        if (stop.signal.aborted) process.exit(exitCode.interrupted);
        terminal.note("stopping; once more to end at once");
        stop.abort();
      };
      process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
      try {
        const args = given.slice(0, -1) as Args; // commander hands over the declared arguments, then the options
        process.exitCode = (await work({ terminal, signal: stop.signal, goOnWith }, ...args)) ?? exitCode.ok;
      } catch (error) {
        const { code, name, message } = explain(error, stop.signal, next);
        if (terminal.json) terminal.answer({ error: { name, message } }, []);
        else process.stderr.write(`error: ${harmless(message)}\n`);
        process.exitCode = code;
      } finally {
        process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      }
    });
}

function explain(
  error: unknown,
  signal: AbortSignal,
  next: string | undefined,
): { code: number; name: string; message: string } {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (signal.aborted) {
    const goOn = next === undefined ? "" : `; go on with: ${next}`;
    return { code: exitCode.interrupted, name, message: `stopped; what was saved stays${goOn}` };
  }
  return { code: codeOf(error), name, message: systemErrorText(error) ?? message };
}

function codeOf(error: unknown): number {
  if (error instanceof DivergedError) return exitCode.diverged;
  if (error instanceof DeviceError || error instanceof WriteError || isFullDisk(error))
    return exitCode.unavailable;
  if (error instanceof StorageError)
    return ["Interrupted", "DiskFull"].includes(error.code) ? exitCode.unavailable : exitCode.badInput;
  if (error instanceof ChainError && ["Unreachable", "Pending"].includes(error.code))
    return exitCode.unavailable;
  const ours = [
    InputError,
    GivenFileError,
    MetricsPortError,
    SecretError,
    ChainError,
    JobError,
    DrillingError,
    AgentError,
    BuyerError,
    DataError,
    EngineError,
    RecordError,
  ];
  const isInput = ours.some((kind) => error instanceof kind) || systemErrorText(error) !== undefined;
  return isInput ? exitCode.badInput : exitCode.failed;
}
