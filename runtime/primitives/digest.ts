import { alias, type Value } from "./codec.ts";
import { bytes, fixedBytes } from "./codec-bytes.ts";
import { vec } from "./codec-list.ts";
import { struct, tuple, unit } from "./codec-struct.ts";
import { tagged } from "./codec-tagged.ts";

const engineId = alias(fixedBytes(4), "ConsensusEngineId");
const message = alias(bytes, "Vec<u8>");

/** One entry of a header's digest. Engines are named by four bytes, such as `BABE`. */
export const digestItem = tagged(
  "sp_runtime::generic::digest::DigestItem",
  {
    /** From the consensus engine, before the block is executed. */
    PreRuntime: tuple(engineId, message),
    /** From the runtime to the consensus engine. */
    Consensus: tuple(engineId, message),
    /** The author's proof; taken off before the block is executed, and put on last. */
    Seal: tuple(engineId, message),
    Other: message,
    /** The runtime changed; metadata is to be read again. */
    RuntimeEnvironmentUpdated: unit,
  },
  { indices: [6, 4, 5, 0, 8] },
);
export type DigestItem = Value<typeof digestItem>;

export const digest = struct("sp_runtime::generic::digest::Digest", {
  logs: alias(vec(digestItem), "Vec<DigestItem>"),
});
export type Digest = Value<typeof digest>;
