import { type Command, InvalidArgumentError, Option } from "commander";
import { constants } from "../../../pallets/drilling/index.ts";
import type { ResultRule } from "../../drilling/result.ts";
import { amount } from "../chain/amount.ts";
import type { SecretFlags } from "../chain/connection.ts";
import { type DeviceFlags, whole } from "../device-options.ts";
import { InputError } from "../run-command.ts";
import type { ImageFlags } from "./image-units.ts";
import type { RecordFlags } from "./record.ts";
import type { TaskStoreFlags } from "./task-store.ts";

export interface PublishFlags extends SecretFlags, TaskStoreFlags, DeviceFlags, ImageFlags, RecordFlags {
  readonly project: number;
  readonly publish: string;
  readonly rule: "integers" | "labels" | "quantised";
  readonly quantum?: bigint;
  readonly quorum: number;
  readonly reward: bigint;
  readonly commitWindow: number;
  readonly revealWindow: number;
  readonly canaries: number;
  readonly canaryWindow: number;
  readonly watch?: boolean;
}

const rules = ["integers", "labels", "quantised"] as const;
const { MinQuorum, MaxQuorum, MinWindow, MaxWindow, MaxCanaries } = constants;

/** Adds what a task is published with. */
export function publishOptions(command: Command): Command {
  return command
    .requiredOption(
      "--project <n>",
      "number of the project",
      number("A project's number is needed.", 0, 2 ** 32 - 1),
    )
    .requiredOption(
      "--publish <address>",
      "where the files are put: s3://bucket/folder, ipfs:, https: or file:",
    )
    .option("--unit-size <n>", "images in a unit, where the model leaves it open", whole)
    .option("--subtract <x>", "lessens pixels of 0 to 255, for models that take floats", real)
    .option("--divide <x>", "divides them after that", real)
    .option(
      "--rule <rule>",
      "how results are compared: integers, labels (the largest of each row), quantised",
      rule,
      "integers",
    )
    .option("--quantum <x>", "what floats are rounded to multiples of, with --rule quantised", quantum)
    .option(
      "--quorum <n>",
      "trainers for each unit",
      number(`A number from ${MinQuorum} to ${MaxQuorum} is needed.`, MinQuorum, MaxQuorum),
      2,
    )
    .addOption(
      // Help writes defaults as JSON, which has no big integers.
      new Option("--reward <MAI>", "for each of them and each unit").argParser(amount).default(0n, "0"),
    )
    .option("--commit-window <blocks>", "time for computing a unit", window, 300)
    .option("--reveal-window <blocks>", "time for revealing what was found", window, 100)
    .option(
      "--canaries <n>",
      "units that are computed here, too, to find out who lies together",
      number(`A number up to ${MaxCanaries} is needed.`, 0, MaxCanaries),
      0,
    )
    .option("--canary-window <blocks>", "how long after agreement they may be opened", window, 600)
    .option("--watch", "follow the task to its end, and open its canaries");
}

/** The rule in the chain's form. @throws InputError. */
export function ruleOf({ rule, quantum }: Pick<PublishFlags, "rule" | "quantum">): ResultRule {
  if ((rule === "quantised") !== (quantum !== undefined))
    throw new InputError("--rule quantised and --quantum go together");
  if (rule === "quantised") return { type: "Quantised", value: { quantum: quantum as bigint } };
  return { type: rule === "labels" ? "Labels" : "Integers" };
}

const digits = 12;

/** A decimal number in units of 10^-12. */
function quantum(text: string): bigint {
  const [, before, behind = ""] = /^(\d{1,9})(?:\.(\d{1,12}))?$/.exec(text) ?? [];
  const value = before === undefined ? 0n : BigInt(before + behind.padEnd(digits, "0"));
  if (value > 0n) return value;
  throw new InvalidArgumentError("A number above 0 with at most 12 digits behind the point is needed.");
}

function rule(text: string): PublishFlags["rule"] {
  const found = rules.find((each) => each === text);
  if (found) return found;
  throw new InvalidArgumentError(`One of ${rules.join(", ")} is needed.`);
}

function number(complaint: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(complaint);
  };
}

const window = number(
  `A number of blocks from ${MinWindow} to ${MaxWindow} is needed.`,
  MinWindow,
  MaxWindow,
);

function real(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("A number is needed.");
}

/** The number of a task on the command line. */
export const taskNumber = number("A task's number is needed.", 0, 2 ** 32 - 1);
export const projectNumber = number("A project's number is needed.", 0, 2 ** 32 - 1);
