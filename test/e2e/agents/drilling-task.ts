/** A project with tasks of a small classifier: its files, and what it publishes. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storage as drilling, type TaskSpec } from "../../../pallets/drilling/index.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import type { Signer } from "../../../trainer/client/signer.ts";
import { resultHash } from "../../../trainer/drilling/result.ts";
import { unitResult } from "../../../trainer/drilling/run-unit.ts";
import { openTask } from "../../../trainer/drilling/task.ts";
import { encodeUnit, inputsRoot, unitName } from "../../../trainer/drilling/unit-file.ts";
import { unitGraph } from "../../../trainer/drilling/unit-graph.ts";
import { blake2b256 } from "../../../trainer/engine/data/blake2b.ts";
import { openDevice } from "../../../trainer/engine/device/device.ts";
import { tensor } from "../../../trainer/engine/tensor.ts";
import { mlp } from "../../../trainer/engine/testing/small-models.ts";
import { putBundle } from "../../../trainer/storage/bundle.ts";
import { openStore } from "../../../trainer/storage/store.ts";
import type { AgentsChain } from "./agents-chain.ts";

const [rows, width] = [4, 16];

/** Registers a project; gives its number. */
export async function registerProject(world: AgentsChain, owner: Signer): Promise<number> {
  const id = await world.chain.read(drilling.NextProject, []);
  const value = { name: textBytes("digits of pi"), uri: textBytes("https://project.example") };
  await world.chain.submit(owner, { type: "Drilling", value: { type: "register_project", value } });
  return id;
}

/** Writes model and inputs of a task under the storage; gives what to publish, rewards of 1 MAI and short windows. */
export async function smallTask(world: AgentsChain, name: string, units: number): Promise<TaskSpec> {
  const folder = join(world.storage, name);
  mkdirSync(folder);
  const model = mlp([width, 8, 4], new Uint8Array(32).fill(units));
  writeFileSync(join(folder, "model.onnx"), model.bytes);
  const inputs = Array.from({ length: units }, (_, unit) => ({
    x: tensor("float32", [rows, width], valuesOf(unit)),
  }));
  const paths = inputs.map((tensors, unit) => {
    const path = join(folder, unitName(unit));
    writeFileSync(path, encodeUnit(tensors));
    return path;
  });
  const store = openStore({ files: { root: world.storage } });
  const { uri } = await putBundle(store, paths, `file:${name}/inputs`);
  await store.close();
  return {
    model: { hash: blake2b256(model.bytes), uri: textBytes(`file:${name}/model.onnx`) },
    inputs: { hash: inputsRoot(inputs.map((each) => blake2b256(encodeUnit(each)))), uri: textBytes(uri) },
    rule: { type: "Labels", value: undefined },
    units,
    difficulty: unitGraph(model, inputs[0]!).difficulty,
    quorum: 2,
    reward: 10n ** 12n,
    commit_window: 60,
    reveal_window: 60,
    canaries: undefined,
  };
}

/** Publishes a task; gives its number. */
export async function publishTask(
  world: AgentsChain,
  owner: Signer,
  project: number,
  spec: TaskSpec,
): Promise<number> {
  const id = await world.chain.read(drilling.NextTask, []);
  const value = { type: "publish_task", value: { project, spec } } as const;
  await world.chain.submit(owner, { type: "Drilling", value });
  return id;
}

const valuesOf = (unit: number): Float32Array =>
  Float32Array.from({ length: rows * width }, (_, i) => Math.sin(1 + i * (unit + 1)));

/** The hash of each unit's result, as the project itself computes them. */
export async function resultsOf(
  world: AgentsChain,
  { model, inputs, rule, units }: TaskSpec,
): Promise<Uint8Array[]> {
  const store = openStore({ files: { root: world.storage } });
  const device = await openDevice({ threads: 1 });
  try {
    const task = await openTask(
      store,
      { model, inputs, rule, units },
      mkdtempSync(join(world.folder, "own-")),
    );
    const hashes: Uint8Array[] = [];
    for (let unit = 0; unit < units; unit++) hashes.push(resultHash(await unitResult(device, task, unit)));
    return hashes;
  } finally {
    device.close();
    await store.close();
  }
}
