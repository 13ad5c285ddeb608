/** A tensor seen as a matrix [rows, columns]: the first dimension against all others. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Lag-1 autocorrelation along rows and along columns as z: independent values of mean 0 give N(0, 1). */
export function autocorrelation({ rows, columns, values }: Matrix): {
  alongRows: number;
  alongColumns: number;
} {
  let square = 0;
  let right = 0;
  let down = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    square += v * v;
    if ((i + 1) % columns !== 0) right += v * (values[i + 1] as number);
    if (i + columns < values.length) down += v * (values[i + columns] as number);
  }
  const z = (sum: number, pairs: number) =>
    pairs === 0 || square === 0 ? 0 : (sum * values.length) / (square * Math.sqrt(pairs));
  return { alongRows: z(right, rows * (columns - 1)), alongColumns: z(down, (rows - 1) * columns) };
}

/**
 * The largest eigenvalue of the Gram matrix of the values scaled to variance 1, in the units in which it follows the
 * Tracy-Widom law of order 1 when they are independent (Johnstone, Annals of Statistics 29, 2001). A hidden
 * low-rank structure, such as a trained layer, lifts it by far.
 */
export function topEigenvalue(matrix: Matrix, sigma: number): number {
  const n = Math.max(matrix.rows, matrix.columns);
  const p = Math.min(matrix.rows, matrix.columns);
  const root = Math.sqrt(n - 1) + Math.sqrt(p);
  const scale = root * (1 / Math.sqrt(n - 1) + 1 / Math.sqrt(p)) ** (1 / 3);
  return (powerIteration(matrix) / (sigma * sigma) - root * root) / scale;
}

/** Largest eigenvalue of XᵀX from below; the start vector is fixed, so everybody gets the same number. */
function powerIteration({ rows, columns, values }: Matrix): number {
  let v = Float64Array.from({ length: columns }, (_, i) => 1 + ((i * 7919) % 13) / 13);
  let eigenvalue = 0;
  for (let round = 0; round < 200; round++) {
    const next = new Float64Array(columns);
    for (let r = 0; r < rows; r++) {
      let dot = 0;
      for (let c = 0; c < columns; c++) dot += (values[r * columns + c] as number) * (v[c] as number);
      for (let c = 0; c < columns; c++)
        next[c] = (next[c] as number) + dot * (values[r * columns + c] as number);
    }
    const before = eigenvalue;
    const length = Math.sqrt(v.reduce((s, x) => s + x * x, 0));
    eigenvalue = Math.sqrt(next.reduce((s, x) => s + x * x, 0)) / length;
    if (eigenvalue === 0) return 0;
    const norm = eigenvalue * length;
    v = next.map((x) => x / norm);
    if (Math.abs(eigenvalue - before) <= 1e-7 * eigenvalue) break;
  }
  return eigenvalue;
}
