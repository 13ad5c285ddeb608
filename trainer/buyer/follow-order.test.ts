/** Following an order over a node that goes away, forgets, and comes to the order's end. */
import { expect, test } from "vitest";
import type { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { OrderDetails } from "../client/queries.ts";
import { followOrder } from "./follow-order.ts";

const lost = () => new ChainError("Unreachable", "no answer");
const pruned = () => new ChainError("Refused", "State already discarded");
const live = { info: { id: 7, order: {}, ended: undefined } } as unknown as OrderDetails;
const over = { info: { id: 7, order: undefined, ended: {} } } as unknown as OrderDetails;

/** A chain whose final head is at `heads`, one after another, and whose blocks from `from` on are `blocks(from)`. */
function chainOf(
  heads: number[],
  blocks: (from: number) => (number | ChainError)[],
  orderAt: (hash: string) => OrderDetails | undefined | ChainError,
): ChainClient {
  let head = 0;
  return {
    request: async (method: string) => {
      if (method === "chain_getFinalizedHead") {
        head = heads.length > 1 ? heads.shift()! : heads[0]!;
        return `0x${head}`;
      }
      return { number: `0x${head.toString(16)}` };
    },
    call: async (_name: string, _method: unknown, _values: unknown, at: string) => {
      const found = orderAt(at);
      if (found instanceof Error) throw found;
      return found;
    },
    async *blocks(from: number) {
      for (const each of blocks(from)) {
        if (each instanceof Error) throw each;
        yield { hash: `0x${each}`, number: each, events: [] };
      }
    },
  } as unknown as ChainClient;
}

async function seen(chain: ChainClient): Promise<string[]> {
  const all: string[] = [];
  for await (const { block, skipped } of followOrder(chain, 7, new AbortController().signal))
    all.push(`${block.number}${skipped > 0 ? ` after ${skipped}` : ""}`);
  return all;
}

test("an order is told from now to its end, and of what a lost node left open it is asked again", async () => {
  let failures = 1;
  const chain = chainOf(
    [5],
    () => [6, 7, 8, 9],
    (at) => (at === "0x6" && failures-- > 0 ? lost() : at === "0x8" ? over : live),
  );
  expect(await seen(chain)).toEqual(["5", "6", "7", "8"]);
});

test("blocks that were pruned are skipped, and counted", async () => {
  const chain = chainOf(
    [5, 300],
    (from) => (from === 6 ? [6, pruned()] : [301]),
    (at) => (at === "0x301" ? over : live),
  );
  expect(await seen(chain)).toEqual(["5", "6", "300 after 293", "301"]);
});

test("an order that is forgotten before its end was seen is said to be", async () => {
  const chain = chainOf(
    [5],
    () => [6, 7],
    (at) => (at === "0x7" ? undefined : live),
  );
  await expect(seen(chain)).rejects.toMatchObject({ message: expect.stringContaining("or it is forgotten") });
});

test("an order that never was, and a node that has nothing at its own head, end it", async () => {
  const none = chainOf(
    [5],
    () => [],
    () => undefined,
  );
  await expect(seen(none)).rejects.toMatchObject({ code: "NoOrder" });
  const empty = chainOf(
    [5],
    () => [],
    () => pruned(),
  );
  await expect(seen(empty)).rejects.toMatchObject({ code: "Refused" });
});
