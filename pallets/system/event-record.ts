import { runtimeEvent } from "../../runtime/frame/runtime-call.ts";
import { hash } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { struct, unit } from "../../runtime/primitives/codec-struct.ts";
import { tagged } from "../../runtime/primitives/codec-tagged.ts";
import type { Writer } from "../../runtime/primitives/writer.ts";

/** What the block was doing; an extrinsic is named by its index. */
export const phase = tagged("frame_system::Phase", {
  ApplyExtrinsic: u32,
  Finalization: unit,
  Initialization: unit,
});

const topics = vec(hash);

/** One event as blocks keep it. */
export const eventRecord = struct(
  "frame_system::EventRecord",
  { phase: alias(phase, "Phase"), event: alias(runtimeEvent, "E"), topics: alias(topics, "Vec<T>") },
  [
    { name: "E", type: runtimeEvent.type },
    { name: "T", type: hash.type },
  ],
);

/** Writes a record whose phase and event are encoded already. */
export function writeRecord(
  out: Writer,
  phaseBytes: Uint8Array,
  event: Uint8Array,
  topicList: readonly Uint8Array[],
): void {
  out.bytes(phaseBytes);
  out.bytes(event);
  topics.encode(topicList, out);
}
