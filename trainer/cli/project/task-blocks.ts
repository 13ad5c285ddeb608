/** Where on the chain a task begins, and what its blocks tell. */
import { storage as drilling, type TaskSpec } from "../../../pallets/drilling/index.ts";
import { storage as system } from "../../../pallets/system/index.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { ChainError } from "../../client/errors.ts";
import { InputError } from "../run-command.ts";
import type { Terminal } from "../terminal.ts";
import { emptyHistory, type TaskHistory, takeBlock } from "./history.ts";

interface Head {
  readonly hash: string;
  readonly number: number;
}

export async function finalHead(chain: ChainClient): Promise<Head> {
  const hash = await chain.request<string>("chain_getFinalizedHead");
  const { number } = await chain.request<{ number: string }>("chain_getHeader", hash);
  return { hash, number: Number(number) };
}

/** What a task was published as. */
export async function specOf(chain: ChainClient, task: number, block: number): Promise<TaskSpec> {
  const hash = await chain.request<string>("chain_getBlockHash", block);
  for (const { event } of await stateOf(chain, block, () => chain.read(system.Events, [], hash))) {
    if (event.type !== "Drilling" || event.value.type !== "TaskPublished") continue;
    const published = event.value.value as { readonly task: number; readonly spec: TaskSpec };
    if (published.task === task) return published.spec;
  }
  throw new Error(`block ${block} did not publish task ${task}`);
}

/** The block that published a task: the first after which its number is given. @throws InputError. */
export async function publishedIn(chain: ChainClient, task: number, head: Head): Promise<number> {
  const next = (block: number) =>
    stateOf(chain, block, async () => {
      const hash = await chain.request<string>("chain_getBlockHash", block);
      return chain.read(drilling.NextTask, [], hash);
    });
  if ((await next(head.number)) <= task)
    throw new InputError(`there is no task ${task}: it never was, or it is not in a final block yet`);
  let [before, at] = [0, head.number];
  // A task that has not ended says itself when it was published, within the window of its vote.
  const known = await chain.read(drilling.Tasks, [task], head.hash);
  if (known !== undefined && known.vote_ends < at) at = known.vote_ends;
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2);
    if ((await next(middle)) > task) at = middle;
    else before = middle;
  }
  return at;
}

/** The history of a task up to a block, or its end if that comes first. */
export async function historyOf(
  chain: ChainClient,
  task: number,
  { from, to }: { readonly from: number; readonly to: number },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<TaskHistory> {
  const history = emptyHistory();
  const bar = terminal.progress("blocks looked through", to - from + 1);
  try {
    await stateOf(chain, from, async () => {
      for await (const block of chain.blocks(from, signal)) {
        takeBlock(history, task, block);
        bar.update(block.number - from + 1);
        if (block.number >= to || history.end) break;
      }
    });
    signal.throwIfAborted();
    return history;
  } finally {
    bar.stop();
  }
}

/** A node that has let go of an old state cannot tell what happened there. */
async function stateOf<T>(chain: ChainClient, block: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "Refused") throw error;
    throw new InputError(
      `${chain.url} no longer has the state of block ${block} (${error.message}): ask a node that keeps all states (--pruning archive)`,
    );
  }
}
