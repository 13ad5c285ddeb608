import { create, toBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "../onnx/generated/onnx_pb.ts";

const float32 = 1;
const int8 = 3;
const int32 = 6;

/** float32 matrices, row-major: `C` [m, n] = `A` [m, k] times `B` [k, n]. */
export function matmulGraph(m: number, k: number, n: number): Uint8Array {
  return graph(
    [node("MatMul", ["A", "B"], "C")],
    [value("A", float32, [m, k]), value("B", float32, [k, n])],
    [value("C", float32, [m, n])],
  );
}

/** float32 [n, n]: `A`, multiplied `times` times from the right by `B`; the result is only its greatest element, `C` []. */
export function productChainGraph(n: number, times: number): Uint8Array {
  const products = Array.from({ length: times }, (_, i) =>
    node("MatMul", [i === 0 ? "A" : `P${i - 1}`, "B"], `P${i}`),
  );
  return graph(
    [...products, node("ReduceMax", [`P${times - 1}`], "C", { keepdims: 0 })],
    [value("A", float32, [n, n]), value("B", float32, [n, n])],
    [value("C", float32, [])],
  );
}

/**
 * Matrices of small integers: int8 `A` [m, k] and `Bt` [n, k], int32 `C` [m, n] = A times the transpose of Bt.
 * The product itself is taken in float32, exact while every sum stays below 2^24.
 */
export function integerMatmulGraph(m: number, k: number, n: number): Uint8Array {
  const cast = (from: string, to: string, type: number) => node("Cast", [from], to, { to: type });
  return graph(
    [
      cast("A", "a", float32),
      cast("Bt", "b", float32),
      node("Gemm", ["a", "b"], "c", { transB: 1 }),
      cast("c", "C", int32),
    ],
    [value("A", int8, [m, k]), value("Bt", int8, [n, k])],
    [value("C", int32, [m, n])],
  );
}

function graph(nodes: NodeProto[], input: ValueInfoProto[], output: ValueInfoProto[]): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ version: 17n }],
    graph: { name: "matmul", node: nodes, input, output },
  });
  return toBinary(ModelProtoSchema, model);
}

const intAttribute = 2;

function node(
  opType: string,
  input: string[],
  output: string,
  attributes: Record<string, number> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    input,
    output: [output],
    attribute: Object.entries(attributes).map(([name, i]) => ({ name, type: intAttribute, i: BigInt(i) })),
  });
}

function value(name: string, elemType: number, dims: number[]): ValueInfoProto {
  const dim = dims.map((d) => ({ dimValue: BigInt(d) }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { tensorType: { elemType, shape: { dim } } },
  });
}
