import { Command, CommanderError } from "commander";
import { harmless } from "../../trainer/cli/harmless.ts";
import { systemErrorText } from "../../trainer/cli/system-error.ts";
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
  "NetworkError",
  "GivenFileError",
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

/** Runs the command that `argv` names; returns the exit code: 1 for what nobody foresaw, 2 for what the user can mend. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  const asJson = argv.includes("--json");
  const root = await programWith(argv[2]);
  for (const command of withAllBelow(root)) {
    command.exitOverride();
    if (asJson) command.configureOutput({ writeErr: () => {} }); // it is told as JSON instead
  }
  try {
    await root.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
    return tell(error as Error, asJson);
  }
}

const withAllBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(withAllBelow)];

/** Says what went wrong, in one line or as JSON; returns the exit code. */
function tell(error: Error, asJson: boolean): number {
  const { name, message, code } = wordsOf(error);
  if (asJson) process.stdout.write(`${JSON.stringify({ error: { name, message } })}\n`);
  else if (!(error instanceof CommanderError)) process.stderr.write(`error: ${harmless(message)}\n`);
  return code;
}

function wordsOf(error: Error): { readonly name: string; readonly message: string; readonly code: number } {
  const { name, message, stack } = error;
  const code = 2;
  if (error instanceof CommanderError) {
    const isBare = error.code === "commander.help";
    return {
      name: "UsageError",
      message: isBare ? "say which command: --help lists them" : message.replace(/^error: /, ""),
      code,
    };
  }
  if (expected.has(name)) return { name, message, code };
  const refused = systemErrorText(error);
  if (refused !== undefined) return { name, message: refused, code };
  return { name, message: `unexpected: ${stack}`, code: 1 };
}
