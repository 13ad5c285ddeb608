/** `docs/events.md`: what an indexer reads, written from what the pallets declare. */

import { runtime } from "../../runtime/index.ts";
import type { Field, TypeDef } from "../../runtime/primitives/type-def.ts";
import { eventTopics } from "./event-topics.ts";
import { table } from "./table.ts";

const intro = `# Events

Everything that happens on the chain is told by events, and each can be understood without a look at the state: an indexer that
reads nothing else knows every balance, every score and how every order ended (\`test/e2e/economy.test.ts\` is one that does).

- **Amounts** are in 10^-12 MAI, **work** in uut (432,000 FLOP), scores in uut per day, times in milliseconds since 1970, windows in blocks.
- **Topics.** \`System.EventTopics\` lists, for a topic of 32 bytes, the blocks and places of the events found under it. The topic of an
  account is the account itself; those of numbers and ids are the BLAKE2b-256 of a word and the SCALE encoding of what it names:
  \`order\`, \`project\` and \`task\` with a u32, \`machine\` with its 16 bytes, \`referendum\` with the u32 \`index\`. \`buyer\`, \`trainer\` and
  \`inspectors\` of an event without such fields are those of its order.
- **Numbers** of orders, projects, tasks and referenda begin at 0 and never repeat.
- **What moves money.** Each change of an account is told once: by \`Balances\`, where funds are minted, burned, transferred, deposited or
  withdrawn; by \`TrainerStaking.Slashed\`, for what is taken from stake and bonds (who gets a share of it is told by
  \`Balances.Deposit\`); and by the events that end orders, units and seats, for what is paid out of holds: \`paid\` and \`inspection\` of an
  order by its buyer, \`Marketplace.InspectionPaid\` from the source \`Fee\` to inspectors, \`Drilling.MemberPaid\` and \`from_project\` of
  \`Drilling.SeatSettled\` by the task's owner.

This page is written by \`node scripts/write-pages.ts\`; a test holds it equal to the code.
`;

const short = (key: string): string => key.replace(/\w+::/g, "");

/** The type of a field in few words. */
const typeOf = ({ key }: TypeDef): string => short(key);

function fieldsOf(fields: readonly Field[]): string {
  return fields.map(({ name, type }) => `\`${name ?? "_"}: ${typeOf(type)}\``).join(", ") || "none";
}

/** Named types of our own that fields have, with those within them. */
function collect(type: TypeDef, into: Map<string, TypeDef>): void {
  const { shape, key } = type;
  if (into.has(key)) return;
  if (/^(pallet_|matrixai)/.test(key) && shape.tag !== "primitive") {
    // Calls are in the metadata.
    if (key.includes("RuntimeCall")) return;
    into.set(key, type);
  }
  if (shape.tag === "composite") for (const field of shape.fields) collect(field.type, into);
  else if (shape.tag === "variant") {
    for (const { fields } of shape.variants) for (const field of fields) collect(field.type, into);
  } else if ("item" in shape) collect(shape.item, into);
  else if (shape.tag === "tuple") for (const item of shape.items) collect(item, into);
}

function describe({ shape }: TypeDef): string {
  if (shape.tag === "composite") return fieldsOf(shape.fields);
  if (shape.tag !== "variant") return shape.tag;
  return shape.variants
    .map(({ name, fields }) => (fields.length === 0 ? `\`${name}\`` : `\`${name}\` (${fieldsOf(fields)})`))
    .join(", ");
}

/** The whole page. */
export function eventPage(): string {
  const types = new Map<string, TypeDef>();
  const sections = runtime.pallets.flatMap(({ pallet, eventType }) => {
    if (eventType?.shape.tag !== "variant") return [];
    const rows = eventType.shape.variants.map(({ name, fields, docs = [] }) => {
      for (const { type } of fields) collect(type, types);
      const topics = eventTopics[pallet.name]?.[name] ?? [];
      return [`\`${name}\``, fieldsOf(fields), topics.join(", ") || "-", docs.join(" ")];
    });
    return [
      `## ${pallet.name}\n\n${pallet.schema.docs?.pallet ?? ""}\n`,
      table(["event", "fields", "topics", "meaning"], rows),
    ];
  });
  const kinds = [...types.values()]
    .map((type) => [`\`${typeOf(type)}\``, describe(type)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [intro, ...sections, "## Types\n", table(["type", "is"], kinds)].join("\n");
}
