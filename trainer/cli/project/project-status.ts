import type { Command } from "commander";
import { storage as drilling, type Task } from "../../../pallets/drilling/index.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { keysOf, readEach } from "../../client/lists.ts";
import { addressOf } from "../chain/account.ts";
import { amountText } from "../chain/amount.ts";
import { type ChainFlags, runOnChain } from "../chain/connection.ts";
import { InputError } from "../run-command.ts";
import { projectNumber } from "./publish-options.ts";
import { finalHead } from "./task-blocks.ts";
import { stateText } from "./watching.ts";

/** `project status [PROJECT]`: projects, and how their tasks stand. */
export function register(project: Command): void {
  const command = project
    .command("status")
    .summary("projects, and how their tasks stand")
    .description("Shows a project, or all of them, with the tasks that have not ended.")
    .argument("[project]", "its number", projectNumber);
  runOnChain(command, async (chain, { terminal }, wanted: number | undefined, _flags: ChainFlags) => {
    const { hash } = await finalHead(chain);
    const projects = await entries(chain, drilling.Projects, hash);
    const shown = projects.filter(([id]) => wanted === undefined || id === wanted);
    if (wanted !== undefined && shown.length === 0) throw new InputError(`there is no project ${wanted}`);
    const tasks = await entries(chain, drilling.Tasks, hash);
    const found = shown.map(([id, { owner, name, uri, deposit }]) => ({
      project: id,
      owner: addressOf(owner),
      name: new TextDecoder().decode(name),
      uri: new TextDecoder().decode(uri),
      deposit,
      tasks: tasks
        .filter(([, task]) => task.project === id)
        .map(([task, facts]) => ({ task, ...factsOf(facts) })),
    }));
    const lines = found.flatMap(({ project: id, name, owner, deposit, tasks: own }) => [
      `project ${id}, ${JSON.stringify(name)}, of ${owner}; deposit ${amountText(deposit)}`,
      ...own.map(({ task, text }) => `  task ${task}: ${text}`),
    ]);
    terminal.answer(found, lines.length > 0 ? lines : ["there are no projects"]);
    return undefined;
  });
}

const factsOf = (task: Task) => ({
  state: task.state,
  units: task.units,
  given: task.next,
  open: task.open,
  agreed: task.agreed,
  failed: task.failed,
  difficulty: task.difficulty,
  reward: task.reward,
  budget: task.budget,
  ayes: task.ayes,
  nays: task.nays,
  voteEnds: task.vote_ends,
  text: stateText(task),
});

/** All entries of a map with numbers as keys, in the order of the numbers. */
async function entries<T>(
  chain: ChainClient,
  item: Parameters<typeof keysOf<readonly [number], T | undefined>>[1],
  at: string,
): Promise<(readonly [number, T])[]> {
  const keys = (await keysOf(chain, item, at)).sort(([a], [b]) => a - b);
  const values = await readEach(chain, item, keys, at);
  return keys.flatMap(([id], i) => (values[i] === undefined ? [] : [[id, values[i]] as const]));
}
