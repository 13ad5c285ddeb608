import { type Codec, decode, encode } from "../../runtime/primitives/codec.ts";
import { bytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { tuple } from "../../runtime/primitives/codec-struct.ts";
import { Reader } from "../../runtime/primitives/reader.ts";
import { Writer } from "../../runtime/primitives/writer.ts";
import type { Justification } from "./types.ts";

/** Substrate's `Vec<Extrinsic>`: extrinsics bring their own length prefixes. */
export function encodeBody(extrinsics: readonly Uint8Array[]): Uint8Array {
  const out = new Writer(extrinsics.reduce((size, one) => size + one.length, 4));
  out.compact(extrinsics.length);
  for (const extrinsic of extrinsics) out.bytes(extrinsic);
  return out.finish();
}

/** The inverse; throws a `CodecError` for bytes that are no body. */
export const decodeBody = (row: Uint8Array): Uint8Array[] => readBody(new Reader(row));

/** A body at the start of a longer input. */
export function readBody(input: Reader): Uint8Array[] {
  return Array.from({ length: input.length() }, () => readExtrinsic(input));
}

/** One extrinsic in its wire form, as it stands in a body or in an exported file. */
function readExtrinsic(input: Reader): Uint8Array {
  const start = input.offset;
  const length = input.length();
  const end = input.offset + length;
  input.offset = start;
  return input.take(end - start);
}

const justifications: Codec<readonly (readonly [Uint8Array, Uint8Array])[]> = vec(
  tuple(fixedBytes(4), bytes),
);

export const encodeJustifications = (list: readonly Justification[]): Uint8Array =>
  encode(
    justifications,
    list.map(([engine, proof]) => [Buffer.from(engine, "latin1"), proof] as const),
  );

export const decodeJustifications = (row: Uint8Array): Justification[] => named(decode(justifications, row));

/** Justifications at the start of a longer input. */
export const readJustifications = (input: Reader): Justification[] => named(justifications.decode(input));

const named = (list: readonly (readonly [Uint8Array, Uint8Array])[]): Justification[] =>
  list.map(([engine, proof]) => [Buffer.from(engine).toString("latin1"), proof]);
