import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { canaryOf, constants, maxUri, type TaskSpec } from "../../../pallets/drilling/index.ts";
import { fromHex, textBytes } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import type { Signer } from "../../client/signer.ts";
import type { Included } from "../../client/submitter.ts";
import type { Device } from "../../engine/device/device.ts";
import { addressIn, putBundle } from "../../storage/bundle.ts";
import { hashFile } from "../../storage/content-hash.ts";
import type { Store } from "../../storage/store.ts";
import { amountText, workText } from "../chain/amount.ts";
import { runOnChain, secretOptions, signerFrom } from "../chain/connection.ts";
import { deviceOf, deviceOptions } from "../device-options.ts";
import { type Context, InputError } from "../run-command.ts";
import { canariesOf, type Draft, draftOf, modelName, tryOut, writeUnits } from "./prepare.ts";
import { tellEnd } from "./project-watch.ts";
import { type PublishFlags, publishOptions, ruleOf } from "./publish-options.ts";
import { type Canary, keepRecord, recordOptions, type TaskRecord } from "./record.ts";
import { affordable, ownProject } from "./task-cost.ts";
import { taskStore, taskStoreOptions } from "./task-store.ts";
import { watchTask } from "./watching.ts";

/** `project publish MODEL INPUTS`: a task for all trainers, put to their vote. */
export function register(project: Command): void {
  const command = project
    .command("publish")
    .summary("publish a task: a model, and inputs in units")
    .description(
      "Makes units from a folder of images or arrays, counts their difficulty, tries the model, puts its files where trainers can read them, and publishes the task for the vote of all trainers.",
    )
    .argument("<model>", "ONNX file")
    .argument("<inputs>", "folder of images, or of .npy, .npz or .safetensors files of one unit each");
  const options = [publishOptions, deviceOptions, taskStoreOptions, recordOptions, secretOptions];
  runOnChain(
    options.reduce((each, add) => add(each), command),
    async (chain, context, path: string, folder: string, flags: PublishFlags) => {
      const { terminal, signal } = context;
      const signer = await signerFrom(flags);
      const draft = await draftOf(path, folder, ruleOf(flags), flags);
      const terms = termsOf(draft, flags);
      const owned = await ownProject(chain, signer, flags.project);
      const cost = await affordable(chain, signer, owned, terms);
      const device = await deviceOf(flags, terminal);
      const canaries = await computed(draft, flags, device, context);
      const store = taskStore(flags);
      try {
        const files = await upload(store, draft, flags, context);
        const record: TaskRecord = {
          version: 1,
          genesis: await chain.request<string>("chain_getBlockHash", 0),
          project: flags.project,
          model: hex(files.model.hash),
          inputs: hex(files.inputs.hash),
          units: draft.inputs.units.map((names) => [...names]),
          canaries,
        };
        // A commitment whose salt is lost could never be opened.
        const kept = await keepRecord(flags, record);
        const spec: TaskSpec = { ...files, ...terms, canaries: commitmentsOf(canaries, flags) };
        const included = await published(chain, signer, flags.project, spec);
        const task = taskIn(included);
        await keepRecord(flags, { ...record, task }, kept);
        const { block } = included;
        const told = {
          task,
          project: flags.project,
          block,
          units: terms.units,
          difficulty: terms.difficulty,
          cost,
          record: kept,
        };
        const lines = [
          `task ${task}, in block ${block.number}: ${terms.units} units of ${workText(terms.difficulty)}, ${draft.graph.flop} operations each`,
          `on hold: ${amountText(cost.budget)} for rewards, ${amountText(cost.deposit + cost.filling)} in deposits`,
        ];
        if (flags.watch !== true) {
          terminal.answer(told, [...lines, `follow it with: matrixai project watch ${task}`]);
          return undefined;
        }
        for (const line of lines) terminal.note(line);
        const opener = { signer, project: flags.project, canaries };
        context.goOnWith(`matrixai project watch ${task}`);
        const end = await watchTask(chain, terminal, { task, from: block.number }, opener, signal);
        return tellEnd(terminal, task, end, told);
      } finally {
        await store.close();
      }
    },
  );
}

function termsOf(draft: Draft, flags: PublishFlags) {
  const units = draft.inputs.units.length;
  const most = Math.max(1, Math.floor((units * constants.MaxCanaryShare) / 1_000_000));
  if (flags.canaries > most)
    throw new InputError(
      `of ${units} units at most ${most} can be canaries, ${flags.canaries} are asked for`,
    );
  const { difficulty } = draft.graph;
  if (difficulty > constants.MaxDifficulty)
    throw new InputError("a unit computes more than any unit may: make them smaller");
  const { reward, quorum, commitWindow: commit_window, revealWindow: reveal_window } = flags;
  return { units, difficulty, quorum, reward, commit_window, reveal_window };
}

async function computed(
  draft: Draft,
  flags: PublishFlags,
  device: Device,
  context: Context,
): Promise<Canary[]> {
  try {
    await tryOut(draft, device, context.signal);
    return await canariesOf(draft, flags.canaries, device, context.terminal, context.signal);
  } finally {
    device.close();
  }
}

/** Model, units and index, all where trainers can read them. @throws StorageError. */
async function upload(
  store: Store,
  draft: Draft,
  { publish }: PublishFlags,
  { terminal, signal }: Context,
): Promise<Pick<TaskSpec, "model" | "inputs" | "rule">> {
  const folder = await mkdtemp(join(tmpdir(), "matrixai-units-"));
  try {
    const { paths, root } = await writeUnits(draft, folder, terminal, signal);
    const hash = await hashFile(draft.path, signal);
    terminal.note(`publishing under ${publish}`);
    const bar = terminal.progress("files stored", paths.length + 1);
    try {
      const model = await store.put(draft.path, addressIn(publish, modelName(draft)), { signal });
      const onProgress = (done: number) => bar.update(done + 1);
      // A folder of its own, so that another task's units do not take the place of these.
      const base = publish === "ipfs:" ? publish : addressIn(publish, `units-${hex(root).slice(2, 18)}`);
      const { uri } = await putBundle(store, paths, base, { signal, onProgress });
      return {
        model: { hash: fromHex(hash)!, uri: address(model) },
        inputs: { hash: root, uri: address(uri) },
        rule: chainRule(draft),
      };
    } finally {
      bar.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function chainRule({ rule }: Draft): TaskSpec["rule"] {
  return rule.type === "Quantised" ? rule : { type: rule.type, value: undefined };
}

function address(text: string): Uint8Array {
  const bytes = textBytes(text);
  if (bytes.length <= maxUri) return bytes;
  throw new InputError(`${text} has ${bytes.length} bytes, an address on the chain at most ${maxUri}`);
}

function commitmentsOf(
  canaries: readonly Canary[],
  { project, canaryWindow }: PublishFlags,
): TaskSpec["canaries"] {
  if (canaries.length === 0) return undefined;
  const commitments = canaries.map(({ unit, result, salt }) =>
    canaryOf(project, unit, fromHex(result)!, fromHex(salt)!),
  );
  // In the order of their bytes, which tells nothing about units.
  return { commitments: commitments.sort(Buffer.compare), window: canaryWindow };
}

const published = (chain: ChainClient, signer: Signer, project: number, spec: TaskSpec): Promise<Included> =>
  chain.submit(
    signer,
    { type: "Drilling", value: { type: "publish_task", value: { project, spec } } },
    { until: "finalized" },
  );

function taskIn({ events, hash }: Included): number {
  const found = events.find(({ type, value }) => type === "Drilling" && value.type === "TaskPublished");
  if (found === undefined) throw new Error(`the transaction ${hash} published no task`);
  return (found.value.value as { task: number }).task;
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
