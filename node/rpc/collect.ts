import { RpcError } from "./server/error.ts";

/** Entries of one answer; for more there are pages. */
const maxEntries = 100_000;
/** Entries between two turns of the event loop. */
const slice = 256;

/**
 * A list of what an iteration over the state yields, made while the node does other work.
 * @throws RpcError 4002 when it is too long for one answer.
 */
export async function collect<T, U>(items: Iterable<T>, make: (item: T) => U): Promise<U[]> {
  const list: U[] = [];
  for (const item of items) {
    if (list.length === maxEntries)
      throw new RpcError(4002, `more than ${maxEntries} keys start with the prefix; use state_getKeysPaged`);
    list.push(make(item));
    if (list.length % slice === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return list;
}
