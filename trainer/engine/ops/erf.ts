/**
 * The error function to about 1e-15: its Taylor series for small arguments, the continued fraction of erfc beyond
 * (Abramowitz and Stegun, 7.1.5 and 7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  return Math.sign(x) * (a < 2.5 ? series(a) : 1 - complement(a));
}

function series(a: number): number {
  let term = a;
  let sum = a;
  for (let k = 1; Math.abs(term) > 1e-17 * sum && k < 200; k++) {
    term *= (-a * a) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function complement(a: number): number {
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (a + fraction);
  return Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction);
}
