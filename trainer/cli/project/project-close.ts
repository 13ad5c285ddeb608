import type { Command } from "commander";
import { storage as drilling } from "../../../pallets/drilling/index.ts";
import { amountText } from "../chain/amount.ts";
import { runOnChain, type SecretFlags, secretOptions, signerFrom } from "../chain/connection.ts";
import { InputError } from "../run-command.ts";
import { projectNumber, taskNumber } from "./publish-options.ts";
import { ownProject } from "./task-cost.ts";

interface Flags extends SecretFlags {
  readonly project?: number;
}

/** `project close [TASK] [--project N]`: no more units of a task, or no project any more. */
export function register(project: Command): void {
  const command = project
    .command("close")
    .summary("close a task, or the project")
    .description(
      "Ends the vote on a task, or lets it give out no more units; what is on hold returns when the last unit ends. With --project, ends a project without tasks.",
    )
    .argument("[task]", "its number", taskNumber)
    .option("--project <n>", "close this project", projectNumber);
  runOnChain(secretOptions(command), async (chain, { terminal }, task: number | undefined, flags: Flags) => {
    if ((task === undefined) === (flags.project === undefined))
      throw new InputError("name a task to close, or a project with --project");
    const signer = await signerFrom(flags);
    if (flags.project !== undefined) {
      const id = flags.project;
      const { tasks, deposit } = await ownProject(chain, signer, id);
      if (tasks > 0)
        throw new InputError(`project ${id} has ${tasks} tasks that have not ended: close them first`);
      const call = { type: "Drilling", value: { type: "close_project", value: { project: id } } } as const;
      const { block } = await chain.submit(signer, call, { until: "finalized" });
      terminal.answer({ project: id, refunded: deposit, block }, [
        `project ${id} is closed; ${amountText(deposit)} returned`,
      ]);
      return undefined;
    }
    const id = task as number;
    const call = { type: "Drilling", value: { type: "close_task", value: { task: id } } } as const;
    const { block, events } = await chain.submit(signer, call, { until: "finalized" });
    const ended = events.find(({ type, value }) => type === "Drilling" && value.type === "TaskClosed");
    if (ended !== undefined) {
      const { refunded } = ended.value.value as { readonly refunded: bigint };
      terminal.answer({ task: id, state: "Closed", open: 0, refunded, block }, [
        `task ${id} is closed; ${amountText(refunded)} returned`,
      ]);
      return undefined;
    }
    const left = await chain.read(drilling.Tasks, [id], block.hash);
    const open = left?.open ?? 0;
    terminal.answer({ task: id, state: left?.state ?? "Closed", open, block }, [
      `task ${id} gives out no more units; ${open} are in work and go on to their ends, when the rest returns`,
    ]);
    return undefined;
  });
}
