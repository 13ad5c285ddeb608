import type { Start } from "../init.ts";
import { deviation } from "../law.ts";
import type { Thresholds } from "../thresholds.ts";
import type { Weights } from "./continuity.ts";
import { autocorrelation, type Matrix, topEigenvalue } from "./gram.ts";
import { atMost, notApplicable, type Report, report, worst } from "./report.ts";

const title = "initial values are independent";

/** Larger matrices are judged by their leading block: structure shows there too, and the cost stays bounded. */
const largestSide = 2048;

/** The asymptotic laws of both statistics need some rows and columns to hold. */
const smallestSide = 8;

/** Rule 4: the first checkpoint's matrices show neither neighbouring values that agree nor a hidden low rank. */
export function independenceRule(starts: readonly Start[], first: Weights, thresholds: Thresholds): Report {
  const measured = starts.flatMap((start) => {
    if (start.law.law === "constant" || start.dims.length < 2) return [];
    const matrix = leadingBlock(asMatrix(start.dims, first[start.name] as Float32Array));
    if (Math.min(matrix.rows, matrix.columns) < smallestSide) return [];
    const { alongRows, alongColumns } = autocorrelation(matrix);
    return [
      {
        name: start.name,
        z: Math.max(Math.abs(alongRows), Math.abs(alongColumns)),
        eigenvalue: topEigenvalue(matrix, deviation(start)),
      },
    ];
  });
  if (measured.length === 0)
    return notApplicable("rule4", title, `no drawn matrix has ${smallestSide} rows and columns`);
  const z = worst(measured, (m) => m.z);
  const top = worst(measured, (m) => m.eigenvalue);
  return report("rule4", title, [
    atMost("lag-1 autocorrelation, z", z?.z ?? Number.NaN, thresholds.autocorrelationZ, z?.name),
    atMost(
      "top eigenvalue, Johnstone's units",
      top?.eigenvalue ?? Number.NaN,
      thresholds.eigenvalue,
      top?.name,
    ),
  ]);
}

function asMatrix(dims: readonly number[], values: Float32Array): Matrix {
  const rows = dims[0] as number;
  return { rows, columns: values.length / rows, values };
}

function leadingBlock(matrix: Matrix): Matrix {
  const rows = Math.min(matrix.rows, largestSide);
  const columns = Math.min(matrix.columns, largestSide);
  if (columns === matrix.columns) return { rows, columns, values: matrix.values.subarray(0, rows * columns) };
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const from = r * matrix.columns;
    values.set(matrix.values.subarray(from, from + columns), r * columns);
  }
  return { rows, columns, values };
}
