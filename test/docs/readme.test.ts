/** The README's pallet is a file that compiles, and does what it says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { counter, storage } from "../../docs/examples/counter.ts";
import { construct } from "../../runtime/frame/construct.ts";
import { rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { decode } from "../../runtime/primitives/codec.ts";
import { memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { fencesOf } from "./fences.ts";

const root = join(import.meta.dirname, "../..");
const text = (name: string) => readFileSync(join(root, name), "utf8");
const [alice, bob] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const version = {
  spec_name: "readme",
  impl_name: "readme",
  authoring_version: 1,
  spec_version: 1,
  impl_version: 1,
  apis: [],
  transaction_version: 1,
  system_version: 1,
};

test("the README shows the example, without its imports", () => {
  const [shown] = fencesOf("README.md", text("README.md")).filter(({ language }) => language === "ts");
  const example = text("docs/examples/counter.ts");
  expect(shown?.text).toBe(example.slice(example.indexOf("const self")));
});

test("it counts for each account, to a hundred and no further", () => {
  const happened: Uint8Array[] = [];
  const runtime = construct(
    { 0: counter },
    { version, depositEvent: (_, event) => happened.push(event.slice()) },
  );
  const chain = { runtime, ctx: runtime.context(new Overlay(memoryBackend())) };
  const count = (by: number) => ({ type: "Counter", value: { type: "count", value: { by } } });
  assertOk(chain, count(60), signedOrigin(alice));
  assertOk(chain, count(40), signedOrigin(alice));
  assertOk(chain, count(1), signedOrigin(bob));
  assertNoop(chain, count(1), signedOrigin(alice), "Counter.Full");
  assertNoop(chain, count(1), rootOrigin, "BadOrigin");
  expect([alice, bob].map((who) => storage.Count.get(chain.ctx, who))).toEqual([100, 1]);
  expect(happened.map((event) => decode(runtime.event, event).value.value)).toEqual([
    { who: alice, count: 60 },
    { who: alice, count: 100 },
    { who: bob, count: 1 },
  ]);
});
