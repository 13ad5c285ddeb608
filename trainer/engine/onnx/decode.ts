/** From bytes to the messages of the format, within bounds, before anything is read out of them. */
import { fromBinary } from "@bufbuild/protobuf";
import { EngineError, ensure } from "../error.ts";
import type { GraphProto } from "./generated/onnx_pb.ts";
import { GraphProtoSchema, ModelProtoSchema } from "./generated/onnx_pb.ts";
import type { Limits } from "./limits.ts";
import { supportedOpsets } from "./limits.ts";
import { structureBytes } from "./prescan.ts";

/** The graph of a file, and the operator set that it is written in. Throws an EngineError. */
export function decodeModel(bytes: Uint8Array, limits: Limits): { graph: GraphProto; opset: number } {
  ensure(
    bytes.length <= limits.fileBytes,
    "TooLarge",
    `the file has ${bytes.length} bytes, the limit is ${limits.fileBytes}`,
  );
  const structure = structureBytes(bytes, limits.structureBytes);
  ensure(
    structure <= limits.structureBytes,
    "TooLarge",
    `the file has more than ${limits.structureBytes} bytes besides raw tensor data`,
  );
  const model = decoded(() => fromBinary(ModelProtoSchema, bytes));
  const { graph } = model;
  ensure(graph !== undefined, "Malformed", "the file has no graph");
  ensure(
    model.functions.length === 0,
    "Unsupported",
    "models with functions are not supported: export without them",
  );
  ensure(model.trainingInfo.length === 0, "Unsupported", "training information in the file is not supported");
  checkGraph(graph, limits);
  const versions = model.opsetImport.filter(({ domain }) => domain === "" || domain === "ai.onnx");
  ensure(
    versions.length === 1,
    "Malformed",
    `the standard operator set is imported ${versions.length} times, not once`,
  );
  const opset = Number(versions[0]?.version);
  const { min, max } = supportedOpsets;
  ensure(
    opset >= min && opset <= max,
    "Unsupported",
    `operator set ${opset} is not between ${min} and ${max}`,
  );
  return { graph, opset };
}

/** The graph of a loop's body. Throws an EngineError. */
export function decodeBody(bytes: Uint8Array, limits: Limits): GraphProto {
  const graph = decoded(() => fromBinary(GraphProtoSchema, bytes));
  checkGraph(graph, limits);
  return graph;
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new EngineError(
      "Malformed",
      `not an ONNX file: ${error instanceof Error ? error.message : "undecodable"}`,
    );
  }
}

function checkGraph(graph: GraphProto, limits: Limits): void {
  ensure(graph.sparseInitializer.length === 0, "Unsupported", "sparse initialisers are not supported");
  ensure(
    graph.node.length <= limits.nodes,
    "TooLarge",
    `${graph.node.length} nodes, the limit is ${limits.nodes}`,
  );
  ensure(
    graph.initializer.length <= limits.initialisers,
    "TooLarge",
    `${graph.initializer.length} initialisers, the limit is ${limits.initialisers}`,
  );
}
