/** A `Loop` of a stranger's model: how often it runs must be known before it does. */
import { ensure } from "./error.ts";
import { Build } from "./graph/build.ts";
import { Graph, type Value } from "./graph/graph.ts";
import { sameDims } from "./graph/shape.ts";
import type { ModelBody, ModelNode } from "./onnx/model.ts";

const maxRounds = 1_000_000;

/** Adds the nodes of the body; `seen` has all values that it may read. Gives the values of all names. */
type BindBody = (b: Build, seen: ReadonlyMap<string, Value>, rounds: number) => ReadonlyMap<string, Value>;

/** Adds a loop with a constant number of rounds and no other end. Throws an EngineError without the name of the node. */
export function bindLoop(
  b: Build,
  node: ModelNode,
  body: ModelBody,
  around: ReadonlyMap<string, Value>,
  bindBody: BindBody,
): readonly Value[] {
  const given = node.inputs.map((name) => (name === "" ? undefined : around.get(name)));
  const rounds = roundsOf(given[0], given[1]);
  const carried = given.slice(2).map((value) => {
    ensure(value !== undefined, "BadShape", "a carried value is missing");
    return value;
  });
  const collected = node.outputs.length - carried.length;
  const fits =
    body.inputs.length === carried.length + 2 &&
    collected >= 0 &&
    body.outputs.length === node.outputs.length + 1;
  ensure(
    fits,
    "BadShape",
    `its body has ${body.inputs.length} inputs and ${body.outputs.length} outputs for ${carried.length} carried values and ${node.outputs.length} outputs`,
  );

  const graph = new Graph(b.graph.rules, b.graph);
  const shapes = [{ dtype: "int64", dims: [] } as const, { dtype: "bool", dims: [] } as const, ...carried];
  const inputs = body.inputs.map((name, i) => graph.input(`loop/${name}`, shapes[i]!.dtype, shapes[i]!.dims));
  const inner = new Build(graph);
  const constants = [...body.initialisers].map(([name, value]) => [name, graph.constant(value)] as const);
  const own = body.inputs.map((name, i) => [name, inputs[i]!] as const);
  const values = bindBody(inner, new Map([...around, ...constants, ...own]), rounds);

  const results = body.outputs.map((name) => values.get(name)!); // the reader has made sure that something makes it
  const [goesOn, ...rest] = results;
  const always = goesOn === inputs[1] || goesOn?.constant?.data[0] === 1;
  ensure(always, "DynamicShape", "its end depends on the data, so what it costs is not known before the run");
  carried.forEach((value, i) => {
    const { dtype, dims } = rest[i]!;
    ensure(
      dtype === value.dtype && sameDims(dims, value.dims),
      "BadShape",
      `what it carries changes from ${value.dtype} [${value.dims}] to ${dtype} [${dims}]`,
    );
  });
  for (const [i, value] of results.entries()) graph.output(`then/${node.outputs[0]}/${i}`, value);
  return b.graph.loop(rounds, carried, graph);
}

function roundsOf(count: Value | undefined, goOn: Value | undefined): number {
  const rounds = count?.constant?.data[0];
  const known = rounds !== undefined && (goOn === undefined || goOn.constant?.data[0] === 1);
  ensure(
    known,
    "DynamicShape",
    "its number of rounds depends on the data, so what it costs is not known before the run",
  );
  ensure(
    rounds >= 1 && rounds <= maxRounds,
    "TooLarge",
    `it has ${rounds} rounds, 1 to ${maxRounds.toLocaleString("en-US")} are allowed`,
  );
  return Number(rounds);
}
