import { compareBytes, startsWith } from "../../runtime/primitives/bytes.ts";
import type { StateView } from "../state/state-db.ts";

type Entry = [key: Uint8Array, value: Uint8Array];

/** Entries whose keys start with `prefix`, in key order, behind `after` if it is given. */
export function* entriesUnder(state: StateView, prefix: Uint8Array, after?: Uint8Array): Generator<Entry> {
  const inside = after !== undefined && compareBytes(after, prefix) >= 0;
  const own = inside ? undefined : state.get(prefix);
  if (own !== undefined) yield [prefix, own];
  for (const entry of state.entries(inside ? after : prefix)) {
    if (!startsWith(entry[0], prefix)) return;
    yield entry;
  }
}
