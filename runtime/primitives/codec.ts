import { CodecError } from "./codec-error.ts";
import { Reader } from "./reader.ts";
import type { TypeDef } from "./type-def.ts";
import { Writer } from "./writer.ts";

/**
 * A value that can write, read and describe one SCALE type. Types are inferred from codecs, metadata is
 * generated from them, so nothing is written twice. (Methods, not function properties: only so does
 * `Codec<unknown>` serve as a constraint.)
 */
export interface Codec<T> {
  readonly type: TypeDef;
  /** What Rust sources call the type; clients choose their input fields by it ("T::Balance"). */
  readonly typeName?: string;
  /** Set where a value is its own encoding: bytes of a fixed length. Spares hot paths a copy. */
  readonly isRaw?: true;
  encode(value: T, out: Writer): void;
  decode(input: Reader): T;
}

/** The type that a codec reads and writes. */
export type Value<C> = C extends Codec<infer T> ? T : never;

/** Named codecs in wire order: a struct, the arguments of a call, the fields of an event. */
export type Fields = Readonly<Record<string, Codec<unknown>>>;
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: Value<F[K]> };

/** The bytes of `value`. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const out = borrow();
  try {
    codec.encode(value, out);
    return out.finish();
  } finally {
    giveBack(out);
  }
}

/** What `write` writes. */
export function written(write: (out: Writer) => void): Uint8Array {
  const out = borrow();
  try {
    write(out);
    return out.finish();
  } finally {
    giveBack(out);
  }
}

/** Lends `use` what `write` writes; it must copy what it wants to keep. */
export function lent<T>(write: (out: Writer) => void, use: (bytes: Uint8Array) => T): T {
  const out = borrow();
  try {
    write(out);
    return use(out.view());
  } finally {
    giveBack(out);
  }
}

/** The value that all of `bytes` stand for; throws a `CodecError` when they stand for none. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const input = new Reader(bytes);
  const value = codec.decode(input);
  if (input.remaining > 0) throw new CodecError("TrailingBytes", `${input.remaining} bytes after the value`);
  return value;
}

/** The same bytes under another name in the metadata. */
export const alias = <T>(codec: Codec<T>, typeName: string): Codec<T> => ({
  type: codec.type,
  typeName,
  ...(codec.isRaw && { isRaw: true }),
  encode: (value, out) => codec.encode(value, out),
  decode: (input) => codec.decode(input),
});

// Writers are kept because their buffers have grown to the usual size. One that encodes may need another.
const spare: Writer[] = [];
const borrow = (): Writer => spare.pop() ?? new Writer();

function giveBack(out: Writer): void {
  out.reset();
  if (spare.length < 8) spare.push(out);
}
