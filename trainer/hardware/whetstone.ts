/**
 * The Whetstone benchmark (Curnow and Wichmann, "A synthetic benchmark", The Computer Journal 19, 1976), in double
 * precision, one thread. One pass with loop factor 1 counts as 100,000 Whetstone instructions; millions of them per
 * second are what volunteer computing has always called a host's MFLOPS.
 */
export interface Whetstone {
  /** Million Whetstone instructions per second. */
  readonly mflops: number;
  readonly elapsedMs: number;
}

/** Runs for about `targetMs`: the loop factor doubles until a pass takes that long. */
export function whetstone(targetMs = 1000): Whetstone {
  for (let factor = 10; ; factor *= 2) {
    const start = performance.now();
    const state = whetstonePass(factor);
    const elapsedMs = performance.now() - start;
    if (!Number.isFinite(state.x)) throw new Error("Whetstone gave no number: this machine computes wrongly");
    if (elapsedMs >= targetMs) return { mflops: (factor * 0.1) / (elapsedMs / 1000), elapsedMs };
  }
}

/** What is left in the variables after a pass; a fixed loop factor gives fixed values. */
export interface WhetstoneState {
  readonly e: readonly number[];
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly j: number;
}

const t = 0.499975;
const t1 = 0.50025;
const t2 = 2;

/** The modules in their published order and proportions; 1 and 10, whose counts are 0, do nothing. */
export function whetstonePass(factor: number): WhetstoneState {
  const e = new Float64Array([1, -1, -1, -1]);
  arrayElements(e, 12 * factor);
  for (let i = 0; i < 14 * factor; i++) arrayParameter(e);
  let j = conditionalJumps(345 * factor);
  j = integerArithmetic(e, 210 * factor);
  const y = trigonometry(32 * factor);
  const z = procedureCalls(899 * factor);
  arrayReferences(e, 616 * factor);
  const x = standardFunctions(93 * factor);
  return { e: [...e], x, y, z, j };
}

/** Module 2. */
function arrayElements(e: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    e[0] = (e[0]! + e[1]! + e[2]! - e[3]!) * t;
    e[1] = (e[0]! + e[1]! - e[2]! + e[3]!) * t;
    e[2] = (e[0]! - e[1]! + e[2]! + e[3]!) * t;
    e[3] = (-e[0]! + e[1]! + e[2]! + e[3]!) * t;
  }
}

/** Module 3. */
function arrayParameter(e: Float64Array): void {
  for (let i = 0; i < 6; i++) {
    e[0] = (e[0]! + e[1]! + e[2]! - e[3]!) * t;
    e[1] = (e[0]! + e[1]! - e[2]! + e[3]!) * t;
    e[2] = (e[0]! - e[1]! + e[2]! + e[3]!) * t;
    e[3] = (-e[0]! + e[1]! + e[2]! + e[3]!) / t2;
  }
}

/** Module 4. */
function conditionalJumps(count: number): number {
  let j = 1;
  for (let i = 0; i < count; i++) {
    j = j === 1 ? 2 : 3;
    j = j > 2 ? 0 : 1;
    j = j < 1 ? 1 : 0;
  }
  return j;
}

/** Module 6. */
function integerArithmetic(e: Float64Array, count: number): number {
  let [j, k, l] = [1, 2, 3];
  for (let i = 0; i < count; i++) {
    j = j * (k - j) * (l - k);
    k = l * k - (l - j) * k;
    l = (l - k) * (k + j);
    e[l - 2] = j + k + l;
    e[k - 2] = j * k * l;
  }
  return j;
}

/** Module 7. */
function trigonometry(count: number): number {
  let [x, y] = [0.5, 0.5];
  for (let i = 0; i < count; i++) {
    x = t * Math.atan((t2 * Math.sin(x) * Math.cos(x)) / (Math.cos(x + y) + Math.cos(x - y) - 1));
    y = t * Math.atan((t2 * Math.sin(y) * Math.cos(y)) / (Math.cos(x + y) + Math.cos(x - y) - 1));
  }
  return y;
}

/** Module 8. */
function procedureCalls(count: number): number {
  let z = 1;
  for (let i = 0; i < count; i++) z = procedure(1, 1);
  return z;
}

function procedure(x: number, y: number): number {
  const a = t * (x + y);
  const b = t * (a + y);
  return (a + b) / t2;
}

/** Module 9. */
function arrayReferences(e: Float64Array, count: number): void {
  const [j, k, l] = [0, 1, 2];
  e.set([1, 2, 3]);
  for (let i = 0; i < count; i++) {
    e[j] = e[k]!;
    e[k] = e[l]!;
    e[l] = e[j]!;
  }
}

/** Module 11. */
function standardFunctions(count: number): number {
  let x = 0.75;
  for (let i = 0; i < count; i++) x = Math.sqrt(Math.exp(Math.log(x) / t1));
  return x;
}
