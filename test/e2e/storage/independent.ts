/** Judges of a model that share no kernel with what trained it: ONNX Runtime's WebAssembly, and our own double precision. */
import { env, InferenceSession, Tensor } from "onnxruntime-web";
import { bind } from "../../../trainer/engine/bind.ts";
import { array64 } from "../../../trainer/engine/graph/array64.ts";
import { Build } from "../../../trainer/engine/graph/build.ts";
import { evaluate64 } from "../../../trainer/engine/graph/evaluate64.ts";
import { Graph } from "../../../trainer/engine/graph/graph.ts";
import { readModel } from "../../../trainer/engine/onnx/read.ts";
import { inUse } from "../../../trainer/engine/operators/operator.ts";
import { rows } from "../../../trainer/engine/ops/table.ts";
import { constants } from "../../../trainer/engine/plan.ts";

/** Samples with their labels, in float32 as a job feeds them. */
export interface Labelled {
  /** [samples, ...] */
  readonly dims: readonly number[];
  readonly inputs: Float32Array;
  readonly labels: ArrayLike<number>;
}

/** Part of the samples whose label has the greatest score, by ONNX Runtime's build for WebAssembly. */
export async function accuracyByWasm(model: Uint8Array, { dims, inputs, labels }: Labelled): Promise<number> {
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(model, { executionProviders: ["wasm"] });
  try {
    const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
    const results = await session.run({ [input]: new Tensor("float32", inputs, dims) });
    return share(results[output]!.data as Float32Array, labels);
  } finally {
    await session.release();
  }
}

/** The same by the graph's rules in double precision, row by row. */
export function accuracyIn64(bytes: Uint8Array, { dims, inputs, labels }: Labelled): number {
  const model = readModel(bytes);
  const graph = new Graph(rows);
  const b = new Build(graph);
  const [input, output] = [model.inputs[0]!.name, model.outputs[0]!.name];
  const given = new Map([...constants(b, model), [input, graph.input(input, "float32", dims)] as const]);
  const scores = bind(b, model, given, inUse).get(output)!;
  const [found] = evaluate64(graph, { [input]: array64(dims, Float64Array.from(inputs)) }, [scores]);
  return share(found!.data, labels);
}

function share(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const classes = scores.length / labels.length;
  let right = 0;
  for (let row = 0; row < labels.length; row++) {
    const of = Array.from({ length: classes }, (_, k) => scores[row * classes + k]!);
    if (of.indexOf(Math.max(...of)) === labels[row]) right++;
  }
  return right / labels.length;
}
