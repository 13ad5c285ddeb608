import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runtime } from "../../runtime/index.ts";
import { eventPage } from "./event-page.ts";
import { eventTopics } from "./event-topics.ts";
import { statePage } from "./state-page.ts";

const page = (name: string) => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");

test.each([
  ["states.md", statePage],
  ["events.md", eventPage],
])("docs/%s is what the code says (node scripts/write-pages.ts)", (name, written) => {
  expect(page(name)).toBe(written());
});

test("what the tables of states name is there: constants, calls and events", () => {
  const pallets = runtime.pallets.map(({ pallet }) => pallet);
  const known = new Set(
    pallets.flatMap(({ name, schema, calls }) => [
      ...Object.keys(schema.constants ?? {}),
      ...Object.keys(schema.events ?? {}),
      ...Object.keys(schema.events ?? {}).map((event) => `${name}.${event}`),
      ...Object.keys(calls),
      name,
    ]),
  );
  // Fields of orders and tasks, and words of the introduction.
  const others = [
    "accept_within",
    "commit_window",
    "reveal_window",

    "new",
    "code",
    "node scripts/write-pages.ts",
    "pallets/*/states.ts",
  ];
  const named = [...statePage().matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
  expect(named.filter((name) => !known.has(name) && !others.includes(name))).toEqual([]);
});

test("the topics of every event of the economy are told, and of no others", () => {
  for (const [name, topics] of Object.entries(eventTopics)) {
    const events = runtime.pallets.find(({ pallet }) => pallet.name === name)?.pallet.schema.events ?? {};
    expect(Object.keys(topics).sort(), name).toEqual(Object.keys(events).sort());
  }
});

test("every event has a sentence that says what it means", () => {
  for (const name of Object.keys(eventTopics)) {
    const { schema } = runtime.pallets.find(({ pallet }) => pallet.name === name)!.pallet;
    expect(Object.keys(schema.docs?.events ?? {}).sort(), name).toEqual(
      Object.keys(schema.events ?? {}).sort(),
    );
  }
});
