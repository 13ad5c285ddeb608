import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** What is drawn of a chain; every list has one entry per checkpoint, in order. */
export interface ChainCurves {
  readonly steps: readonly number[];
  readonly accuracy: readonly number[];
  readonly loss: readonly number[];
  /** Distance of each checkpoint to the last one. */
  readonly distance: readonly number[];
  /** Relative step of the whole model that led to each checkpoint; the first has none. */
  readonly movement: readonly number[];
  /** Rules and checks, in the order of the verdict. */
  readonly checks: readonly { readonly name: string; readonly passed: boolean }[];
}

/** Draws a chain as one SVG: accuracy, loss, distance to the result, movement, and what each check said. */
export async function plotChain(title: string, curves: ChainCurves): Promise<string> {
  const rows = curves.steps.map((step, i) => ({
    step,
    accuracy: curves.accuracy[i],
    loss: curves.loss[i],
    distance: curves.distance[i],
    movement: i === 0 ? null : curves.movement[i - 1],
  }));
  const curve = (field: keyof (typeof rows)[0], label: string, zero = true) => ({
    width: 320,
    height: 180,
    data: { values: rows },
    mark: { type: "line" as const, point: true },
    encoding: {
      x: { field: "step", type: "quantitative" as const, title: "step" },
      y: { field, type: "quantitative" as const, title: label, scale: { zero } },
    },
  });
  const spec: TopLevelSpec = {
    title,
    background: "white",
    vconcat: [
      { hconcat: [curve("accuracy", "validation accuracy"), curve("loss", "loss on the sampled rows")] },
      { hconcat: [curve("distance", "distance to the result"), curve("movement", "relative step")] },
      {
        width: 720,
        height: { step: 16 },
        data: {
          values: curves.checks.map((c, i) => ({
            order: i,
            check: c.name,
            verdict: c.passed ? "passed" : "failed",
          })),
        },
        mark: { type: "rect", stroke: "white" },
        encoding: {
          y: {
            field: "check",
            type: "nominal",
            sort: { field: "order" },
            title: null,
            axis: { labelLimit: 400 },
          },
          color: {
            field: "verdict",
            type: "nominal",
            title: null,
            scale: { domain: ["passed", "failed"], range: ["#3a7d44", "#b3261e"] },
          },
        },
      },
    ],
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none", logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
