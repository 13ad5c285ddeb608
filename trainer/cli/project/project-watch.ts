import type { Command } from "commander";
import { storage as drilling } from "../../../pallets/drilling/index.ts";
import { amountText } from "../chain/amount.ts";
import {
  type ChainFlags,
  runOnChain,
  type SecretFlags,
  secretOptions,
  signerFrom,
} from "../chain/connection.ts";
import { exitCode } from "../run-command.ts";
import { type StorageFlags, servingStore, storageOptions } from "../storage-options.ts";
import type { Terminal } from "../terminal.ts";
import type { TaskEnd } from "./history.ts";
import { taskNumber } from "./publish-options.ts";
import { type RecordFlags, recordOf, recordOptions, type TaskRecord } from "./record.ts";
import { finalHead, historyOf, publishedIn } from "./task-blocks.ts";
import { type Opener, watchTask } from "./watching.ts";

interface Flags extends ChainFlags, SecretFlags, StorageFlags, RecordFlags {}

/** `project watch TASK`: vote and units until the task is over, and its canaries opened in time. */
export function register(project: Command): void {
  const command = project
    .command("watch")
    .summary("follow a task to its end, and open its canaries")
    .description(
      "Shows the vote and the progress of a task in final blocks until it is over; of one that is, how it ended. Canaries of tasks that were published from this machine are opened as soon as they may be, which takes the owner's secret.",
    )
    .argument("<task>", "its number", taskNumber);
  runOnChain(
    secretOptions(recordOptions(storageOptions(command))),
    async (chain, { terminal, signal, goOnWith }, task: number, flags: Flags) => {
      goOnWith(`matrixai project watch ${task}`);
      const head = await finalHead(chain);
      if ((await chain.read(drilling.Tasks, [task], head.hash)) === undefined) {
        const from = await publishedIn(chain, task, head);
        const { end } = await historyOf(chain, task, { from, to: head.number }, terminal, signal);
        if (end === undefined) throw new Error(`task ${task} is gone, and no block says how it ended`);
        return tellEnd(terminal, task, end, {});
      }
      const genesis = await chain.request<string>("chain_getBlockHash", 0);
      const opener = await openerOf(recordOf(flags, genesis, task), flags);
      // Trainers fetch from here what was published to this machine's own IPFS node.
      const served = await servingStore(flags);
      try {
        const end = await watchTask(chain, terminal, { task, from: head.number }, opener, signal);
        return tellEnd(terminal, task, end, {});
      } finally {
        await served?.close();
      }
    },
  );
}

async function openerOf(record: TaskRecord | undefined, flags: Flags): Promise<Opener | undefined> {
  if (record === undefined || record.canaries.length === 0) return undefined;
  return { signer: await signerFrom(flags), project: record.project, canaries: record.canaries };
}

/** How a task ended; an exit code that says whether it has results. */
export function tellEnd(terminal: Terminal, task: number, end: TaskEnd, more: object): number {
  const { state, agreed, failed, refunded } = end;
  const isRejected = state === "Rejected";
  terminal.answer({ ...more, task, over: true, ...end }, [
    isRejected
      ? `task ${task} was rejected: too few trainers voted for it`
      : `task ${task} is over: ${agreed} units agreed on, ${failed} failed`,
    `${amountText(refunded)} returned`,
    ...(isRejected ? [] : [`get the results with: matrixai project results ${task} --out FOLDER`]),
  ]);
  return isRejected ? exitCode.unfulfilled : exitCode.ok;
}
