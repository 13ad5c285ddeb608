import { textBytes } from "./bytes.ts";
import { alias, decode, encode, type Value } from "./codec.ts";
import { bytes, fixedBytes } from "./codec-bytes.ts";
import { vec } from "./codec-list.ts";
import { struct, tuple, unit } from "./codec-struct.ts";
import { tagged } from "./codec-tagged.ts";

const engineId = fixedBytes(4);

/**
 * What a header carries besides roots. `PreRuntime` is there before execution, `Consensus` is written by it,
 * `Seal` is added after it; the first four bytes name the engine.
 */
export const digestItem = tagged(
  "sp_runtime::generic::digest::DigestItem",
  {
    Other: bytes,
    Consensus: tuple(engineId, bytes),
    Seal: tuple(engineId, bytes),
    PreRuntime: tuple(engineId, bytes),
    /** The code or its metadata changed in this block. */
    RuntimeEnvironmentUpdated: unit,
  },
  { indices: [0, 4, 5, 6, 8] },
);
export type DigestItem = Value<typeof digestItem>;
export type Digest = readonly DigestItem[];

/** The digest as the runtime stores it. */
export const digestCodec = struct("sp_runtime::generic::digest::Digest", {
  logs: alias(vec(digestItem), "Vec<DigestItem>"),
});

export const encodeDigestItem = (item: DigestItem): Uint8Array => encode(digestItem, item);
export const decodeDigestItem = (item: Uint8Array): DigestItem => decode(digestItem, item);

/** An item of an engine, such as `preRuntime("pow_", author)`. */
export const preRuntime = (engine: string, data: Uint8Array): DigestItem => ({
  type: "PreRuntime",
  value: [textBytes(engine), data],
});
export const consensus = (engine: string, data: Uint8Array): DigestItem => ({
  type: "Consensus",
  value: [textBytes(engine), data],
});
export const seal = (engine: string, data: Uint8Array): DigestItem => ({
  type: "Seal",
  value: [textBytes(engine), data],
});

/** The data of an engine's first item of one kind. */
export function digestData(
  digest: Digest,
  kind: "PreRuntime" | "Consensus" | "Seal",
  engine: string,
): Uint8Array | undefined {
  for (const item of digest) {
    if (item.type !== kind) continue;
    const [id, data] = item.value;
    if (engineName(id) === engine) return data;
  }
  return undefined;
}

/**
 * The account that authored a block. It stands under `pow_`, first among the items: so explorers of every
 * version find it, which know none of our engines.
 */
export function blockAuthor(digest: Digest): Uint8Array | undefined {
  const data = digestData(digest, "PreRuntime", "pow_");
  return data?.length === 32 ? data : undefined;
}

export const engineName = (id: Uint8Array): string => String.fromCharCode(...id);
