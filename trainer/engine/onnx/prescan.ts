/**
 * A look at the wire format before it is decoded. Decoding makes objects, and a file of two-byte messages would grow
 * a hundredfold; so everything but raw tensor data is measured first, without making anything.
 */
import { ensure } from "../error.ts";

/** Where raw bytes of tensors may lie: paths of field numbers from ModelProto on. */
const rawDataPaths = ["7.5.9", "7.1.5.5.9"]; // graph.initializer.raw_data, graph.node.attribute.t.raw_data
const messagePaths = new Set(["7", "7.5", "7.1", "7.1.5", "7.1.5.5"]);

/** Bytes of the file that are not raw tensor data. Throws `Malformed` where the wire format is broken. */
export function structureBytes(file: Uint8Array): number {
  return file.length - rawBytes(file, 0, file.length, "");
}

function rawBytes(file: Uint8Array, start: number, end: number, path: string): number {
  let at = start;
  let raw = 0;

  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = at < end ? file[at++] : undefined;
      ensure(
        byte !== undefined && shift <= 128 ** 9,
        "Malformed",
        `not an ONNX file: broken varint at byte ${at}`,
      );
      value += (byte & 127) * shift; // exact below 2^53; anything longer fails the range check of its use
      if (byte < 128) return value;
    }
  };

  while (at < end) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else {
      ensure(wireType === 2, "Malformed", `not an ONNX file: wire type ${wireType} at byte ${at}`);
      const length = varint();
      ensure(
        length <= end - at,
        "Malformed",
        `not an ONNX file: a field at byte ${at} is longer than its message`,
      );
      const field = path === "" ? `${Math.floor(tag / 8)}` : `${path}.${Math.floor(tag / 8)}`;
      if (rawDataPaths.includes(field)) raw += length;
      else if (messagePaths.has(field)) raw += rawBytes(file, at, at + length, field);
      at += length;
    }
    ensure(at <= end, "Malformed", `not an ONNX file: it ends inside a field at byte ${at}`);
  }
  return raw;
}
