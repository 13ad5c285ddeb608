import type { StateView } from "../../state/state-db.ts";
import { isMany, queryStorage, type StorageItem, type StorageQuery } from "../storage-query.ts";
import type { Operation } from "./operations.ts";

/** Items of one event; after as many the client is asked whether it wants more. */
const itemsPerEvent = 256;
/** Characters of values in one event, beyond which it ends early. */
const charactersPerEvent = 256 * 1024;

/**
 * Answers queries in events: single values together, then what may be long in pages that the client asks for.
 * `isThere` says, after a wait, whether the state can still be read.
 */
export async function tellStorage(
  operation: Operation,
  state: StateView,
  queries: readonly StorageQuery[],
  isThere: () => boolean,
): Promise<void> {
  const single = queries
    .filter((query) => !isMany(query))
    .flatMap((query) => [...queryStorage(state, query)]);
  if (single.length > 0) operation.tell("operationStorageItems", { items: single });
  const many = queries.filter(isMany);
  let page: StorageItem[] = [];
  let size = 0;
  for (const query of many) {
    for (const item of queryStorage(state, query)) {
      if (page.length === itemsPerEvent || size > charactersPerEvent) {
        operation.tell("operationStorageItems", { items: page });
        await operation.waitForContinue();
        if (operation.stopped) return;
        if (!isThere()) return operation.tell("operationInaccessible");
        [page, size] = [[], 0];
      }
      page.push(item);
      size += (item.value ?? "").length;
    }
  }
  if (page.length > 0) operation.tell("operationStorageItems", { items: page });
  operation.tell("operationStorageDone");
}
