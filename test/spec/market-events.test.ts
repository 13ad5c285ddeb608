/** What stock software reads of an order: all its events, its state, and calls that it builds itself. */
import { Metadata, TypeRegistry } from "@polkadot/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import { expect, test } from "vitest";
import { storage as orders, orderTopic } from "../../pallets/marketplace/index.ts";
import {
  acceptDirect,
  accepts,
  awaitDraw,
  buyer,
  judge,
  market,
  ok,
  panel,
  passDeadline,
  potCall,
  prove,
  rejects,
  spec,
} from "../../pallets/marketplace/testing/market.ts";
import { storage as inspections } from "../../pallets/proof-of-training/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { MAI } from "../../pallets/testing/chain.ts";
import { metadata } from "../../runtime/apis.ts";
import { runtime } from "../../runtime/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";

const chain = market();
const { ctx } = chain;
const registry = new TypeRegistry();
registry.setMetadata(new Metadata(registry, metadata({ storage: ctx.storage }, 15)));

/** The block's events as a client decodes them. */
const records = () =>
  registry.createType("Vec<EventRecord>", ctx.storage.get(system.Events.key())) as unknown as EventRecord[];
const named = (name: string) =>
  records()
    .filter(({ event }) => `${event.section}.${event.method}` === name)
    .map(({ event }) => event.data.toJSON() as unknown[]);

test("an indexer follows an order from its events alone, by its topic", () => {
  const id = prove(chain);
  judge(chain, id, [accepts, rejects, accepts]);
  passDeadline(chain, id);
  const topic = toHex(orderTopic(id));
  const story = records().filter(({ topics }) => topics.some((one) => one.toHex() === topic));
  const names = story.map(({ event }) => event.method);
  expect(names.filter((name, i) => names.indexOf(name) === i)).toEqual([
    "OrderPlaced",
    "OrderAccepted",
    "SeedDrawn",
    "TrainingStarted",
    "CheckpointAnchored",
    "ProofSubmitted",
    "InspectorsDrawn",
    "VerdictCommitted",
    "RevealBegun",
    "VerdictRevealed",
    "ProofAccepted",
    "InspectionPaid",
    "OrderCompleted",
  ]);
  const [placed] = named("marketplace.OrderPlaced");
  expect(placed![2]).toMatchObject({ steps: 240, inspectors: 3, manifestUri: "0x66" });
  expect(named("proofOfTraining.VerdictRevealed")[1]![3]).toMatchObject({
    ruling: "Rejected",
    findings: [
      { rule: "Rule5", value: 30_000_000, threshold: 20_000_000, relation: "AtMost", passed: false },
    ],
  });
  const [completed] = story.filter(({ event }) => event.method === "OrderCompleted");
  expect(completed!.event.data.toHuman()).toMatchObject({ paid: "98,000,000,000,000", work: "100,000,000" });
});

test("every event of a market that goes wrong decodes", () => {
  const rejected = prove(chain);
  judge(chain, rejected, [rejects, rejects, rejects]);
  ok(chain, buyer, potCall("appeal", { order: rejected }));
  awaitDraw(chain);
  judge(chain, rejected, [rejects, rejects, rejects, rejects, rejects].slice(0, panel(ctx, rejected).length));
  const late = acceptDirect(chain);
  passDeadline(chain, late);
  expect(named("marketplace.OrderExpired").at(-1)).toEqual([
    late,
    toAddress(),
    expect.anything(),
    "Accepted",
    0,
    Number(103n * MAI),
    Number(10n * MAI),
  ]);
  expect(named("marketplace.OrderRejected").at(-1)?.[0]).toBe(rejected);
  expect(named("proofOfTraining.AppealEnded").at(-1)?.[2]).toBe("Upheld");
});

test("a client reads orders and inspections from storage", () => {
  const id = prove(chain);
  const stored = ctx.storage.get(orders.Orders.key(id))!;
  const order = registry.createType(typeOf("Marketplace", "Orders"), stored);
  expect(order.toHex()).toBe(toHex(stored));
  expect(order.toHuman()).toMatchObject({ state: "Inspecting", deal: { due: expect.any(String) } });
  const inspection = ctx.storage.get(inspections.Inspections.key(id))!;
  expect(registry.createType(typeOf("ProofOfTraining", "Inspections"), inspection).toHex()).toBe(
    toHex(inspection),
  );
});

test("a client's calls are ours", () => {
  const place = { type: "Marketplace", value: { type: "place_order", value: { spec } } } as const;
  const reveal = potCall("reveal_verdict", { order: 7, verdict: rejects, salt: new Uint8Array(32) });
  const bytes = [encode(runtime.call, place), encode(runtime.call, reveal as typeof place)];
  for (const encoded of bytes) {
    const call = registry.createType("Call", encoded);
    expect(call.toHex()).toBe(toHex(encoded));
  }
  const human = registry.createType("Call", bytes[0]).toHuman() as { args: { spec: object } };
  expect(human.args.spec).toMatchObject({ checkpoints: "12", validation: "Public" });
});

function typeOf(pallet: string, item: string): string {
  const found = registry.metadata.pallets
    .find(({ name }) => name.toString() === pallet)!
    .storage.unwrap()
    .items.find(({ name }) => name.toString() === item)!;
  return registry.createLookupType(found.type.asMap.value);
}

const toAddress = () => registry.createType("AccountId", buyer).toJSON();
