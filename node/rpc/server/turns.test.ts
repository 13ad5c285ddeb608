import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** Keeps the processor for so many ms. */
function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("a turn ends when it is used up, and the next one begins by itself", async () => {
  const turns = new Turns();
  expect(turns.isOver).toBe(false);
  burn(11);
  expect(turns.isOver).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(turns.isOver).toBe(false);
});

test("work that waits is done in order, and other things come in between", async () => {
  const turns = new Turns();
  expect(turns.isOver).toBe(false);
  burn(11);
  const order: string[] = [];
  const work = ["a", "b", "c"].map((name) =>
    turns.later(() => {
      burn(11);
      order.push(name);
      setImmediate(() => order.push(`after ${name}`));
      return name;
    }),
  );
  expect(turns.isOver).toBe(true);
  expect(await Promise.all(work)).toEqual(["a", "b", "c"]);
  expect(order.filter((name) => name.length === 1)).toEqual(["a", "b", "c"]);
  expect(order.indexOf("after a")).toBeLessThan(order.indexOf("c"));
});

test("failures are the caller's", async () => {
  const turns = new Turns();
  await Promise.all([
    expect(
      turns.later(() => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no"),
    expect(turns.later(() => Promise.reject(new Error("later no")))).rejects.toThrow("later no"),
  ]);
});
