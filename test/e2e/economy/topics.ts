/** Whether events are found under the topics that the documentation names. */
import { hexToU8a, u8aToHex } from "@polkadot/util";
import { decodeAddress } from "@polkadot/util-crypto";
import { projectTopic, taskTopic } from "../../../pallets/drilling/index.ts";
import { machineTopic } from "../../../pallets/machines/index.ts";
import { orderTopic } from "../../../pallets/marketplace/index.ts";
import { referendumTopic } from "../../../pallets/referenda/index.ts";
import { eventTopics } from "../../docs/event-topics.ts";
import type { ChainEvent } from "./events.ts";

const ids: Readonly<Record<string, (id: never) => Uint8Array>> = {
  order: (id: number) => orderTopic(id),
  task: (id: number) => taskTopic(id),
  project: (id: number) => projectTopic(id),
  index: (id: number) => referendumTopic(id),
  machine: (id: string) => machineTopic(hexToU8a(id)),
};

/** Reads all events; returns what is wrong with the topics of any, and the names of those that were looked at. */
export function checkTopics(events: readonly ChainEvent[]): { wrong: string[]; seen: Set<string> } {
  const wrong: string[] = [];
  const seen = new Set<string>();
  const parties = new Map<string, Record<string, readonly string[]>>();
  for (const event of events) {
    const [pallet, name] = event.name.split(".") as [string, string];
    const key = keyOf(event);
    const known = { ...parties.get(key) };
    for (const role of ["buyer", "trainer", "owner", "inspectors"]) {
      const told = accountsIn(event, role);
      if (told.length > 0 && (role === "inspectors" || pallet === "Marketplace" || pallet === "Drilling")) {
        known[role] = role === "inspectors" ? [...(known[role] ?? []), ...told] : told;
      }
    }
    if (key !== "") parties.set(key, known);
    const names = eventTopics[pallet]?.[name];
    if (names === undefined) continue;
    seen.add(event.name);
    const must = names.filter((role) => role !== "inspectors" || "inspectors" in event.fields);
    const expected = must.flatMap((role) => topicsFor(event, role, known));
    const panel = names.length > must.length ? (known.inspectors ?? []).map(topicOf) : [];
    const isRight =
      expected.every((topic) => event.topics.includes(topic)) &&
      event.topics.every((topic) => expected.includes(topic) || panel.includes(topic));
    if (!isRight) wrong.push(`${event.name} in block ${event.block}`);
  }
  return { wrong, seen };
}

function topicsFor(event: ChainEvent, role: string, known: Record<string, readonly string[]>): string[] {
  const id = ids[role];
  if (id === undefined) {
    return (role in event.fields ? accountsIn(event, role) : (known[role] ?? [])).map(topicOf);
  }
  return [u8aToHex(id((event.fields[role] ?? known[role]) as never))];
}

const keyOf = ({ fields }: ChainEvent): string => {
  if (typeof fields.order === "number") return `order ${fields.order}`;
  return typeof fields.task === "number" ? `task ${fields.task}` : "";
};

function accountsIn({ fields }: ChainEvent, role: string): readonly string[] {
  const value = fields[role];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

const topicOf = (address: string): string => u8aToHex(decodeAddress(address));
