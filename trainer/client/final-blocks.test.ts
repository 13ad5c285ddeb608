/** Following the chain over a node that is lost, goes back, or has forgotten. */
import { expect, test } from "vitest";
import { ChainError } from "./errors.ts";
import { blocksFrom } from "./final-blocks.ts";

const lost = () => new ChainError("Unreachable", "no answer");
const pruned = () => new ChainError("Refused", "State already discarded");

/** A node that answers each question about a block's hash by the next of `answers`; then with the hash. */
function node(answers: (string | null | ChainError)[], events: () => unknown = () => []) {
  const asked: number[] = [];
  return {
    asked,
    request: async <T>(_: string, number: unknown) => {
      asked.push(number as number);
      const answer = answers.length > 0 ? answers.shift() : `0x${number}`;
      if (answer instanceof Error) throw answer;
      return answer as T;
    },
    read: async () => events() as never,
  };
}

async function walk(port: ReturnType<typeof node>, last: number): Promise<string[]> {
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { number, hash } of blocksFrom(port, async () => undefined, 5, stop.signal)) {
    seen.push(`${number} ${hash}`);
    if (number === last) stop.abort();
  }
  return seen;
}

test("what a lost node, or one that is not there again yet, leaves open is asked again", async () => {
  const port = node(["0x5", lost(), null, "0x6"]);
  expect(await walk(port, 7)).toEqual(["5 0x5", "6 0x6", "7 0x7"]);
  expect(port.asked).toEqual([5, 6, 6, 6, 7]);
});

test("a node that has pruned a block's state is believed at once", async () => {
  const port = node([], () => {
    throw pruned();
  });
  await expect(walk(port, 7)).rejects.toMatchObject({ code: "Refused" });
  expect(port.asked).toEqual([5]);
});

test("nothing is asked once it is told to stop", async () => {
  const port = node([]);
  const blocks = blocksFrom(port, async () => undefined, 5, AbortSignal.abort());
  expect((await blocks.next()).done).toBe(true);
  expect(port.asked).toEqual([]);
});
