import type { Command } from "commander";
import { storage as drilling } from "../../../pallets/drilling/index.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { DrillingError } from "../../drilling/drilling-error.ts";
import { openTask } from "../../drilling/task.ts";
import { workText } from "../chain/amount.ts";
import { runOnChain, type SecretFlags, secretOptions, signerFrom } from "../chain/connection.ts";
import { type Context, InputError } from "../run-command.ts";
import { taskNumber } from "./publish-options.ts";
import { type TaskStoreFlags, taskCache, taskStore, taskStoreOptions } from "./task-store.ts";

interface Flags extends SecretFlags, TaskStoreFlags {
  readonly aye?: boolean;
  readonly nay?: boolean;
}

/** `project vote TASK`: counts a task's difficulty again, and votes by what comes of it. */
export function register(project: Command): void {
  const command = project
    .command("vote")
    .summary("check a task, and vote on it as a trainer")
    .description(
      "Fetches a task's model and first unit, counts its difficulty again, and votes for it where that is what the project says, else against it. With --aye or --nay it votes as told.",
    )
    .argument("<task>", "its number", taskNumber)
    .option("--aye", "vote for it, whatever the count says")
    .option("--nay", "vote against it, whatever the count says");
  runOnChain(secretOptions(taskStoreOptions(command)), async (chain, context, task: number, flags: Flags) => {
    if (flags.aye === true && flags.nay === true) throw new InputError("--aye and --nay exclude each other");
    const { terminal } = context;
    const signer = await signerFrom(flags);
    const told = flags.aye === true ? true : flags.nay === true ? false : undefined;
    const { aye, why } =
      told === undefined ? await judged(chain, context, task, flags) : { aye: told, why: "as told" };
    terminal.note(`${aye ? "for" : "against"} it: ${why}`);
    const call = { type: "Drilling", value: { type: "vote_task", value: { task, aye } } } as const;
    const { block } = await chain.submit(signer, call, { until: "finalized" });
    const now = await chain.read(drilling.Tasks, [task], block.hash);
    terminal.answer({ task, aye, why, block, ayes: now?.ayes, nays: now?.nays }, [
      `voted ${aye ? "for" : "against"} task ${task} in block ${block.number}`,
      ...(now === undefined
        ? []
        : [`so far ${workText(now.ayes)} a day for it, ${workText(now.nays)} against`]),
    ]);
    return undefined;
  });
}

async function judged(
  chain: ChainClient,
  context: Context,
  task: number,
  flags: Flags,
): Promise<{ readonly aye: boolean; readonly why: string }> {
  const [facts, files] = await Promise.all([
    chain.read(drilling.Tasks, [task]),
    chain.read(drilling.Files, [task]),
  ]);
  if (facts === undefined || files === undefined)
    throw new InputError(`there is no task ${task}, or it has ended`);
  const store = taskStore(flags);
  const genesis = await chain.request<string>("chain_getBlockHash", 0);
  try {
    const { graph } = await openTask(
      store,
      { ...files, units: facts.units },
      taskCache(genesis, task),
      context.signal,
    );
    const count = `${graph.flop} operations are ${workText(graph.difficulty)} a unit`;
    if (graph.difficulty === facts.difficulty) return { aye: true, why: `${count}, as the project says` };
    return { aye: false, why: `${count}, the project says ${workText(facts.difficulty)}` };
  } catch (error) {
    if (error instanceof DrillingError) return { aye: false, why: error.message };
    throw error;
  } finally {
    await store.close();
  }
}
