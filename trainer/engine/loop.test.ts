import { create, toBinary } from "@bufbuild/protobuf";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { bind } from "./bind.ts";
import { countFlop } from "./flop.ts";
import { Build } from "./graph/build.ts";
import { Graph } from "./graph/graph.ts";
import { lower } from "./lower.ts";
import { attributeKind } from "./onnx/attribute-kind.ts";
import { GraphProtoSchema } from "./onnx/generated/onnx_pb.ts";
import { defaultLimits, type Limits } from "./onnx/limits.ts";
import { readModel } from "./onnx/read.ts";
import { graphInit, Names, type NodeInit, tensorInit, writeModel } from "./onnx/write.ts";
import { inUse } from "./operators/operator.ts";
import { rows } from "./ops/table.ts";
import { constants } from "./plan.ts";
import { type Tensor, tensor } from "./tensor.ts";
import { compose, node } from "./testing/compose.ts";
import { fromOrt, sessionOptions, toOrt } from "./testing/local-session.ts";

interface Body {
  readonly nodes: readonly NodeInit[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly initialisers?: Readonly<Record<string, Tensor>>;
}

/** A body as an exporter would write it; types are left to inference. */
function bodyOf({ nodes, inputs, outputs, initialisers = {} }: Body): Uint8Array {
  const graph = create(GraphProtoSchema, {
    name: "body",
    node: [...nodes],
    input: inputs.map((name) => ({ name })),
    output: outputs.map((name) => ({ name })),
    initializer: Object.entries(initialisers).map(([name, value]) => tensorInit(name, value)),
  });
  return toBinary(GraphProtoSchema, graph);
}

function loopNode(input: readonly string[], output: readonly string[], body: Body): NodeInit {
  const attribute = [{ name: "body", type: attributeKind.graph, g: bodyOf(body) }];
  return { opType: "Loop", name: "the loop", input: [...input], output: [...output], attribute };
}

const f32 = (dims: readonly number[], ...list: number[]) => tensor("float32", dims, Float32Array.from(list));
const count = (n: number) => tensor("int64", [], BigInt64Array.of(BigInt(n)));
const always = tensor("bool", [], Uint8Array.of(1));

/** x := a x, `rounds` times; every x is collected. */
const powers = (rounds: number, body: Partial<Body> = {}, nodes: readonly NodeInit[] = []): Uint8Array =>
  compose({
    nodes: [
      ...nodes,
      loopNode(["n", "go", "x"], ["last", "all"], {
        nodes: [node("MatMul", ["a", "now"], ["next"]), node("Identity", ["next"], ["seen"])],
        inputs: ["i", "goes", "now"],
        outputs: ["goes", "next", "seen"],
        ...body,
      }),
    ],
    inputs: { x: { dims: [2, 1] }, ...(nodes.length > 0 && { data: { dtype: "int64", dims: [] } }) },
    initialisers: { a: f32([2, 2], 1, 1, 0, 1), go: always, ...(nodes.length === 0 && { n: count(rounds) }) },
    outputs: ["last", "all"],
  });

function bound(bytes: Uint8Array, limits?: Limits) {
  const model = readModel(bytes, { loops: true });
  const graph = new Graph(rows);
  const b = new Build(graph);
  const given = constants(b, model);
  for (const { name, dtype, dims } of model.inputs)
    given.set(name, graph.input(`in/${name}`, dtype, dims as number[]));
  const values = bind(b, model, given, inUse, limits);
  for (const { name } of model.outputs) graph.output(`out/${name}`, values.get(name)!);
  return graph;
}

const flop = (graph: Graph) => countFlop(graph.nodes, rows, []).forward;

test("runs as ONNX says, and collects what each round gives", async () => {
  const graph = bound(powers(5));
  const session = await InferenceSession.create(
    writeModel(graphInit(lower(graph, rows), new Names(), "loop")),
    sessionOptions(1),
  );
  const out = await session.run({ "in/x": toOrt(f32([2, 1], 3, 2)) });
  await session.release();
  expect(fromOrt(out["out/last"]!)).toEqual(f32([2, 1], 13, 2));
  expect(fromOrt(out["out/all"]!)).toEqual(f32([5, 2, 1], 5, 2, 7, 2, 9, 2, 11, 2, 13, 2));
});

test("counts its body once for every round, and loops in loops by their product", () => {
  expect(flop(bound(powers(5)))).toBe(5n * 2n * 2n * 2n);
  expect(flop(bound(powers(1)))).toBe(8n);
  const nested = compose({
    nodes: [
      loopNode(["n", "", "x"], ["y"], {
        nodes: [
          loopNode(["m", "", "now"], ["inner"], {
            nodes: [node("MatMul", ["a", "deep"], ["deeper"])],
            inputs: ["j", "goes too", "deep"],
            outputs: ["goes too", "deeper"],
          }),
        ],
        initialisers: { m: count(7) },
        inputs: ["i", "goes", "now"],
        outputs: ["goes", "inner"],
      }),
    ],
    inputs: { x: { dims: [2, 1] } },
    initialisers: { a: f32([2, 2], 1, 1, 0, 1), n: count(3) },
  });
  expect(flop(bound(nested))).toBe(3n * 7n * 8n);
});

describe("is refused", () => {
  test.each<[string, () => unknown, RegExp]>([
    ["where models are trained", () => readModel(powers(5)), /subgraphs .* are not supported/],
    [
      "with rounds that the data decides",
      () => bound(powers(0, {}, [node("Abs", ["data"], ["n"])])),
      /number of rounds depends on the data/,
    ],
    ["without rounds", () => bound(powers(0)), /0 rounds, 1 to 1,000,000/],
    ["without an end", () => bound(powers(2_000_000_000)), /2000000000 rounds/],
    [
      "with an end that the data decides",
      () =>
        bound(
          powers(5, {
            nodes: [node("MatMul", ["a", "now"], ["next"]), node("Less", ["i", "three"], ["goes on"])],
            initialisers: { three: count(3) },
            outputs: ["goes on", "next", "now"],
          }),
        ),
      /its end depends on the data/,
    ],
    [
      "whose carried value changes its shape",
      () => bound(powers(2, { outputs: ["goes", "a", "now"] })),
      /\[2,1\] to float32 \[2,2\]/,
    ],
    [
      "with too few inputs in its body",
      () =>
        bound(
          powers(2, {
            inputs: ["i", "goes"],
            nodes: [node("Identity", ["x"], ["next"]), node("Identity", ["x"], ["seen"])],
          }),
        ),
      /body has 2 inputs/,
    ],
    [
      "whose names hide those around it",
      () => bound(powers(2, { inputs: ["i", "goes", "a"] })),
      /"a" of the body is there already/,
    ],
    [
      "with an output that nothing makes",
      () => bound(powers(2, { outputs: ["goes", "next", "lost"] })),
      /"lost" of the body is made by nothing/,
    ],
    [
      "with an operator that is not known, though in its body",
      () =>
        bound(
          powers(2, { nodes: [node("Conway", ["now"], ["next"]), node("Identity", ["next"], ["seen"])] }),
        ),
      /operator Conway is not supported/,
    ],
    [
      "when its rounds compute too much together",
      () => bound(powers(1000), { ...defaultLimits, stepElements: 3000 }),
      /computes more than/,
    ],
    [
      "five deep",
      () => {
        let body: Body = { nodes: [], inputs: ["i5", "g5"], outputs: ["g5"] };
        for (let depth = 4; depth >= 1; depth--)
          body = {
            nodes: [loopNode(["n", ""], [], body)],
            inputs: [`i${depth}`, `g${depth}`],
            outputs: [`g${depth}`],
          };
        bound(compose({ nodes: body.nodes, initialisers: { n: count(2), y: count(2) } }));
      },
      /more than 3 deep/,
    ],
  ])("%s", (_name, work, message) => {
    expect(work).toThrow(message);
  });
});
