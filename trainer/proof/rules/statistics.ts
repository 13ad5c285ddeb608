/** The statistics that the six rules are made of; all in float64, none of them in consensus. */

type Values = ArrayLike<number>;

export function mean(values: Values): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Standard deviation about the mean (population form). */
export function spread(values: Values, centre = mean(values)): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - centre) ** 2;
  return Math.sqrt(sum / values.length);
}

/** Euclidean distance, squared. */
export function squaredDistance(a: Values, b: Values): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum;
}

export function squaredNorm(a: Values): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) ** 2;
  return sum;
}

/** Wasserstein-1 distance of two samples of one size: the mean gap of their order statistics. */
export function wasserstein(a: Float32Array, b: Float32Array): number {
  const x = a.slice().sort();
  const y = b.slice().sort();
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs((x[i] as number) - (y[i] as number));
  return sum / x.length;
}

/** Spearman's rank correlation; equal values share their mean rank. NaN where one side does not vary. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const x = ranks(a);
  const y = ranks(b);
  const mx = mean(x);
  const my = mean(y);
  const sum = x.reduce((s, v, i) => s + (v - mx) * ((y[i] as number) - my), 0);
  return sum / (x.length * spread(x) * spread(y));
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => (values[i] as number) - (values[j] as number));
  const result = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] as number] === values[order[from] as number]) to++;
    for (let k = from; k <= to; k++) result[order[k] as number] = (from + to) / 2;
    from = to + 1;
  }
  return result;
}

/** Largest gap between the sample and a law, given the law's probabilities of the values (Kolmogorov, 1933). */
export function kolmogorovGap(probabilities: Float64Array): number {
  const sorted = probabilities.slice().sort();
  const n = sorted.length;
  let gap = 0;
  for (let i = 0; i < n; i++) {
    const p = sorted[i] as number;
    gap = Math.max(gap, p - i / n, (i + 1) / n - p);
  }
  return gap;
}

/** Chance of a gap this large or larger among n draws from the law itself (Stephens' correction for finite n). */
export function kolmogorovP(gap: number, n: number): number {
  const x = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * gap;
  if (x < 0.2) return 1; // the series below needs many terms where its sum is 1 to 12 digits
  let sum = 0;
  for (let k = 1; k <= 40; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/** Probability that a standard normal is below x, to 1e-15: its series near 0, its continued fraction beyond. */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  let upper: number;
  if (z < 3) {
    // Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/(3·5) + …)
    let term = z;
    let sum = z;
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    upper = 0.5 - density * sum;
  } else {
    // 1 - Φ(z) = φ(z) / (z + 1/(z + 2/(z + 3/(z + …))))
    let fraction = z;
    for (let k = 60; k >= 1; k--) fraction = z + k / fraction;
    upper = density / fraction;
  }
  return x > 0 ? 1 - upper : upper;
}
