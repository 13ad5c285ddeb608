import type { Tensors } from "../../engine/tensor.ts";
import { InputError } from "../run-command.ts";

/** The unit whose number in one output is the largest, or the smallest; of equals the first. */
export class Best {
  readonly #output: string;
  readonly #least: boolean;
  #found: { readonly unit: number; readonly value: bigint } | undefined;

  constructor(output: string, least: boolean) {
    this.#output = output;
    this.#least = least;
  }

  /** @throws InputError where the results have no such number. */
  take(unit: number, tensors: Tensors): void {
    const output = Object.hasOwn(tensors, this.#output) ? tensors[this.#output] : undefined;
    if (output === undefined || output.data.length !== 1)
      throw new InputError(
        `results have no single number called ${this.#output}; they have ${Object.entries(tensors)
          .map(([name, { dims }]) => `${name} [${dims}]`)
          .join(", ")}`,
      );
    const value = BigInt(output.data[0]!);
    const isBetter =
      this.#found === undefined || (this.#least ? value < this.#found.value : value > this.#found.value);
    if (isBetter) this.#found = { unit, value };
  }

  get found() {
    return this.#found;
  }
}
