/**
 * The canonical form of a unit's result: safetensors without metadata, names in the order of their bytes, values int64.
 * Equal results are equal bytes, so members of a quorum compare hashes.
 */
import { blake2b256 } from "../engine/data/blake2b.ts";
import { encodeSafetensors } from "../engine/data/safetensors.ts";
import { elements, type Tensor, type TensorSpec, type Tensors, tensor } from "../engine/tensor.ts";
import { DrillingError, ensure } from "./drilling-error.ts";
import { quantised } from "./quantised.ts";

/** How outputs become whole numbers, as the chain has it. */
export type ResultRule =
  /** They are. */
  | { readonly type: "Integers"; readonly value?: undefined }
  /** The place of the largest along the last axis; the first of equals. */
  | { readonly type: "Labels"; readonly value?: undefined }
  /** Multiples of a quantum, in units of 10^-12: to the nearest, half to even. */
  | { readonly type: "Quantised"; readonly value: { readonly quantum: bigint } };

/** Numbers in one unit's result. */
const maxNumbers = 1 << 21;
/** Of a result's file: its numbers, names and shapes. */
export const maxResultBytes = 8 * maxNumbers + (1 << 20);

/** Refuses a rule that does not fit what a model gives. @throws DrillingError `BadRule`. */
export function checkRule(rule: ResultRule, outputs: readonly TensorSpec[]): void {
  let numbers = 0;
  for (const { name, dtype, dims } of outputs) {
    const place = `output ${JSON.stringify(name)} is ${dtype} [${dims}]`;
    ensure(name !== "__metadata__", "BadRule", "an output is called __metadata__, which results cannot hold");
    if (rule.type === "Integers")
      ensure(
        !dtype.startsWith("float"),
        "BadRule",
        `${place}: the rule "integers" needs integers; "labels" and "quantised" take floats`,
      );
    if (rule.type === "Labels")
      ensure(dims.length > 0, "BadRule", `${place}: the rule "labels" needs an axis of classes`);
    numbers += elements(rule.type === "Labels" ? dims.slice(0, -1) : dims);
  }
  if (rule.type === "Quantised") ensure(rule.value.quantum > 0n, "BadRule", "the quantum must not be 0");
  ensure(
    numbers <= maxNumbers,
    "BadRule",
    `a unit's result has ${numbers} numbers, at most ${maxNumbers} are allowed`,
  );
}

/** The result's bytes. @throws DrillingError `NoResult` for NaN, infinity, and what an int64 does not hold. */
export function canonicalResult(rule: ResultRule, outputs: Tensors): Uint8Array {
  const whole = Object.entries(outputs).map(([name, value]) => {
    try {
      return [name, wholeNumbers(rule, value)] as const;
    } catch (error) {
      if (error instanceof DrillingError)
        throw new DrillingError(error.code, `output ${JSON.stringify(name)}: ${error.message}`);
      throw error;
    }
  });
  return encodeSafetensors(Object.fromEntries(whole));
}

/** BLAKE2b-256 of the canonical form: what members commit to. */
export const resultHash = (result: Uint8Array): Uint8Array => blake2b256(result);

function wholeNumbers(rule: ResultRule, value: Tensor): Tensor<"int64"> {
  switch (rule.type) {
    case "Integers":
      ensure(!value.dtype.startsWith("float"), "NoResult", `is ${value.dtype}, not whole numbers`);
      return tensor("int64", value.dims, BigInt64Array.from(value.data as Iterable<number | bigint>, BigInt));
    case "Labels":
      return labels(value);
    case "Quantised":
      return tensor("int64", value.dims, quantised(value.data, rule.value.quantum));
  }
}

function labels({ dims, data }: Tensor): Tensor<"int64"> {
  const classes = dims.at(-1)!;
  const rows = dims.slice(0, -1);
  const places = new BigInt64Array(elements(rows));
  for (let row = 0; row < places.length; row++) {
    let best = row * classes;
    for (let i = best; i < (row + 1) * classes; i++) {
      const x = data[i]!;
      // Infinities have an order, so the largest is known; NaN has none.
      ensure(!Number.isNaN(x), "NoResult", "has NaN among its values: the task is faulty");
      if (x > data[best]!) best = i;
    }
    places[row] = BigInt(best - row * classes);
  }
  return tensor("int64", rows, places);
}
