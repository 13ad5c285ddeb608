import { EngineError, ensure } from "../error.ts";
import type { Attribute } from "../graph/attribute.ts";
import { attributeKind } from "./attribute-kind.ts";
import type { AttributeProto } from "./generated/onnx_pb.ts";
import type { Limits } from "./limits.ts";
import { type ReadExternal, readTensor } from "./read-tensor.ts";

/** A node's attribute. Throws an EngineError for the kinds that no operator here has. */
export function readAttribute(
  proto: AttributeProto,
  limits: Limits,
  external: ReadExternal | undefined,
): Attribute {
  ensure(proto.refAttrName === "", "Unsupported", "references to a function's attributes are not supported");
  switch (proto.type) {
    case attributeKind.float:
      return { type: "float", value: proto.f };
    case attributeKind.int:
      return { type: "int", value: integer(proto.i) };
    case attributeKind.string:
      return { type: "string", value: new TextDecoder().decode(proto.s) };
    case attributeKind.floats:
      return { type: "floats", value: proto.floats };
    case attributeKind.ints:
      return { type: "ints", value: proto.ints.map(integer) };
    case attributeKind.tensor: {
      ensure(proto.t !== undefined, "Malformed", "it has no tensor");
      return { type: "tensor", value: readTensor(proto.t, limits, external) };
    }
    case attributeKind.graph:
      throw new EngineError("Unsupported", "subgraphs (If, Loop, Scan) are not supported");
    default:
      throw new EngineError("Unsupported", `attributes of kind ${proto.type} are not supported`);
  }
}

/** Integers of the format that count something; beyond this they are only ever "as far as it goes". */
function integer(value: bigint): number {
  const far = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > far ? far : value < -far ? -far : value);
}
