import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

const never = new AbortController().signal;

test("each waits for the one before under its key, and for nobody else", async () => {
  const turns = new Turns();
  const said: string[] = [];
  let end = () => {};
  const first = turns.take("a", never, () => new Promise<void>((resolve) => (end = resolve)));
  const second = turns.take("a", never, async () => said.push("a"));
  await turns.take("b", never, async () => said.push("b"));
  expect(said).toEqual(["b"]);
  end();
  await Promise.all([first, second]);
  expect(said).toEqual(["b", "a"]);
});

test("who fails or is given up holds nobody up, and whoever is given up does nothing", async () => {
  const turns = new Turns();
  const stop = new AbortController();
  let end = () => {};
  const first = turns.take(
    "a",
    never,
    () => new Promise<void>((_, reject) => (end = () => reject(new Error("broken")))),
  );
  let hasBegun = false;
  const given = turns.take("a", stop.signal, async () => {
    hasBegun = true;
  });
  const last = turns.take("a", never, async () => "last");
  stop.abort(new Error("given up"));
  await expect(given).rejects.toThrow("given up");
  end();
  await expect(first).rejects.toThrow("broken");
  expect([await last, hasBegun]).toEqual(["last", false]);
});
