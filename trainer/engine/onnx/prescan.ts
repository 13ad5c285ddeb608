/**
 * A look at the wire format before it is decoded. Decoding makes objects, and a file of two-byte messages would grow
 * a hundredfold; so everything but raw tensor data is measured first, without making anything.
 */
import { EngineError } from "../error.ts";

/** Messages on the way to raw data, each with its fields that lead on, by number. */
const raw = "raw";
type Level = { readonly [field: number]: Level | typeof raw };
const tensor: Level = { 9: raw }; // TensorProto.raw_data
const attribute: Level = { 5: tensor };
const node: Level = { 5: attribute };
const graph: Level = { 1: node, 5: tensor };
const model: Level = { 7: graph };

/**
 * Bytes of the file that are not raw tensor data. Throws `Malformed` where the wire format is broken, and stops
 * counting soon after `limit`.
 */
export function structureBytes(file: Uint8Array, limit: number): number {
  return new Scan(file, limit).message(model, file.length);
}

class Scan {
  readonly #file: Uint8Array;
  readonly #limit: number;
  #at = 0;
  #raw = 0;

  constructor(file: Uint8Array, limit: number) {
    this.#file = file;
    this.#limit = limit;
  }

  /** Walks to `end`; gives the bytes that were not raw data so far. */
  message(level: Level, end: number): number {
    while (this.#at < end && this.#at - this.#raw <= this.#limit) {
      const tag = this.#varint(end);
      const wireType = tag % 8;
      if (wireType === 0) this.#varint(end);
      else if (wireType === 1) this.#at += 8;
      else if (wireType === 5) this.#at += 4;
      else if (wireType === 2) this.#field(level[(tag - wireType) / 8], end);
      else throw this.#broken(`wire type ${wireType}`);
      if (this.#at > end) throw this.#broken("it ends inside a field");
    }
    return this.#at - this.#raw;
  }

  #field(next: Level | typeof raw | undefined, end: number): void {
    const length = this.#varint(end);
    if (length > end - this.#at) throw this.#broken("a field is longer than its message");
    if (next === raw) this.#raw += length;
    if (next === raw || next === undefined) this.#at += length;
    else this.message(next, this.#at + length);
  }

  #varint(end: number): number {
    let value = 0;
    for (let shift = 1, i = 0; i < 10; i++, shift *= 128) {
      if (this.#at >= end) throw this.#broken("it ends inside a number");
      const byte = this.#file[this.#at++]!;
      value += (byte & 127) * shift; // exact below 2^53; what is longer fails the range check of its use
      if (byte < 128) return value;
    }
    throw this.#broken("a number is longer than 64 bits");
  }

  #broken(why: string): EngineError {
    return new EngineError("Malformed", `not an ONNX file: ${why} at byte ${this.#at}`);
  }
}
