import { Command } from "commander";
import { register as doctor } from "../../trainer/cli/doctor.ts";
import { register as flops } from "../../trainer/cli/flops.ts";
import { register as infer } from "../../trainer/cli/infer.ts";
import { register as train } from "../../trainer/cli/train.ts";
import { register as verify } from "../../trainer/cli/verify.ts";
import { register as buildSpec } from "./build-spec.ts";
import { register as checkBlock } from "./check-block.ts";
import { register as compact } from "./compact.ts";
import { register as exportBlocks } from "./export-blocks.ts";
import { register as importBlocks } from "./import-blocks.ts";
import { register as key } from "./key.ts";
import { register as node } from "./node.ts";
import { program } from "./program.ts";
import { register as purgeChain } from "./purge-chain.ts";
import { register as revert } from "./revert.ts";

const commands = [
  node,
  key,
  buildSpec,
  exportBlocks,
  importBlocks,
  checkBlock,
  revert,
  purgeChain,
  compact,
  train,
  verify,
  infer,
  flops,
  doctor,
];

/** Errors that are the user's to mend: one line is all there is to say. */
const expected = [
  "UsageError",
  "SpecError",
  "DatabaseError",
  "KeystoreError",
  "SecretError",
  "ListenError",
  "MetricsPortError",
  "LogOptionError",
];

/** Runs the command that `argv` names; returns the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const root = new Command(program.name)
    .description("A blockchain node whose block producers train models; and the training itself.")
    .version(program.version)
    .showHelpAfterError("(--help lists what there is)");
  for (const register of commands) register(root);
  try {
    await root.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { name, message, stack } = error as Error;
    const isExpected = expected.includes(name);
    process.stderr.write(`error: ${isExpected ? message : `unexpected: ${stack}`}\n`);
    return isExpected ? 2 : 1;
  }
}
