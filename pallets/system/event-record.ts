import { runtimeEvent } from "../../runtime/frame/runtime-call.ts";
import { hash } from "../../runtime/primitives/account.ts";
import { alias, encode, type Value } from "../../runtime/primitives/codec.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { struct, unit } from "../../runtime/primitives/codec-struct.ts";
import { tagged } from "../../runtime/primitives/codec-tagged.ts";

/** What the block was doing; an extrinsic is named by its index. */
export const phase = tagged("frame_system::Phase", {
  ApplyExtrinsic: u32,
  Finalization: unit,
  Initialization: unit,
});
export type Phase = Value<typeof phase>;

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
export type EventRecord = Value<typeof eventRecord>;

/** The bytes of a record whose phase and event are encoded already. */
export function encodeRecord(
  phaseBytes: Uint8Array,
  event: Uint8Array,
  topicList: readonly Uint8Array[],
): Uint8Array {
  const tail = topicList.length === 0 ? noTopics : encode(topics, topicList);
  const record = new Uint8Array(phaseBytes.length + event.length + tail.length);
  record.set(phaseBytes);
  record.set(event, phaseBytes.length);
  record.set(tail, phaseBytes.length + event.length);
  return record;
}

const noTopics = Uint8Array.of(0);
