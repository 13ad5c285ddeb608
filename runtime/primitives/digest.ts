import { equalBytes, textBytes } from "./bytes.ts";
import { alias, encode, type Value } from "./codec.ts";
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

/** The item under which engine `name` (four characters) tells of a block before it is executed. */
export const preRuntime = (name: string, data: Uint8Array): DigestItem => ({
  type: "PreRuntime",
  value: [textBytes(name), data],
});

/**
 * The account that authored a block: the first item, under `pow_`. So explorers of every version find it, which
 * know none of our engines.
 */
export function blockAuthor(digest: Digest): Uint8Array | undefined {
  const first = digest[0];
  if (first?.type !== "PreRuntime") return undefined;
  const [engine, data] = first.value;
  return equalBytes(engine, authorEngine) && data.length === 32 ? data : undefined;
}

const authorEngine = textBytes("pow_");
