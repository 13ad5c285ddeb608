/** The trained model: the user's own graph, with new values in the place of the old. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ensure } from "./error.ts";
import { ModelProtoSchema, TensorProtoSchema } from "./onnx/generated/onnx_pb.ts";
import type { Model } from "./onnx/model.ts";
import { tensorInit } from "./onnx/write.ts";
import type { Tensors } from "./tensor.ts";
import { mismatch } from "./tensor.ts";

/**
 * An ONNX file like that of `model`, whose initialisers have the values of `state` where it has a tensor of their
 * name; what else is in `state` (an optimiser's buffers) is left out. External data comes into the file.
 * Throws `BadShape` for a tensor of another type or shape.
 */
export function exportModel(model: Model, state: Tensors): Uint8Array {
  const file = fromBinary(ModelProtoSchema, model.bytes);
  const graph = file.graph;
  ensure(graph !== undefined, "Malformed", "the file has no graph");
  graph.initializer = graph.initializer.map((proto) => {
    const own = model.initialisers.get(proto.name);
    const trained = Object.hasOwn(state, proto.name) ? state[proto.name] : undefined;
    if (own === undefined || (trained === undefined && proto.externalData.length === 0)) return proto;
    const value = trained ?? own;
    const problem = mismatch({ name: proto.name, dtype: own.dtype, dims: own.dims }, value);
    ensure(problem === undefined, "BadShape", problem ?? "");
    return create(TensorProtoSchema, tensorInit(proto.name, value));
  });
  return toBinary(ModelProtoSchema, file);
}
