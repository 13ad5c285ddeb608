import { Command } from "commander";
import { program } from "./program.ts";

interface CommandFile {
  register(parent: Command): void;
}

/** By name, where each command is declared; only the one that is asked for is loaded. */
const commands: Readonly<Record<string, () => Promise<CommandFile>>> = {
  node: () => import("./node.ts"),
  key: () => import("./key.ts"),
  "build-spec": () => import("./build-spec.ts"),
  "export-blocks": () => import("./export-blocks.ts"),
  "import-blocks": () => import("./import-blocks.ts"),
  "check-block": () => import("./check-block.ts"),
  revert: () => import("./revert.ts"),
  "purge-chain": () => import("./purge-chain.ts"),
  snapshot: () => import("./snapshot.ts"),
  compact: () => import("./compact.ts"),
  train: () => import("../../trainer/cli/train.ts"),
  verify: () => import("../../trainer/cli/verify.ts"),
  infer: () => import("../../trainer/cli/infer.ts"),
  evaluate: () => import("../../trainer/cli/evaluate.ts"),
  flops: () => import("../../trainer/cli/flops.ts"),
  digits: () => import("../../trainer/cli/digits.ts"),
  doctor: () => import("../../trainer/cli/doctor/doctor.ts"),
  trainer: () => import("../../trainer/cli/chain/trainer.ts"),
  order: () => import("../../trainer/cli/chain/order.ts"),
  project: () => import("../../trainer/cli/project/project.ts"),
  score: () => import("../../trainer/cli/chain/score.ts"),
  market: () => import("../../trainer/cli/chain/market.ts"),
};

/** Errors that are the user's to mend: one line is all there is to say. */
const expected = new Set([
  "UsageError",
  "SpecError",
  "DatabaseError",
  "KeystoreError",
  "SecretError",
  "ListenError",
  "MetricsPortError",
  "LogOptionError",
]);

/** The program with one of its commands, or with all. */
export async function programWith(name?: string): Promise<Command> {
  const root = new Command(program.name)
    .description("A blockchain node whose block producers train models; and the training itself.")
    .version(program.version)
    .showHelpAfterError("(--help lists what there is)");
  const named = name === undefined ? undefined : commands[name];
  for (const load of named ? [named] : Object.values(commands)) (await load()).register(root);
  return root;
}

/** Runs the command that `argv` names; returns the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const root = await programWith(argv[2]);
  try {
    await root.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { name, message, stack } = error as Error;
    const isExpected = expected.has(name);
    process.stderr.write(`error: ${isExpected ? message : `unexpected: ${stack}`}\n`);
    return isExpected ? 2 : 1;
  }
}
