/** Money of the accounts of a chain, and whether the events account for all of it. */
import { storage as balances } from "../../../pallets/balances/index.ts";
import { storage as system } from "../../../pallets/system/index.ts";
import { fromHex, toHex } from "../../../runtime/primitives/bytes.ts";
import type { ChainClient } from "../../../trainer/client/chain-client.ts";
import { Books } from "../economy/books.ts";
import type { ChainEvent } from "../economy/events.ts";
import type { Happened } from "./chronicle.ts";

/** What an account has, free and on hold, in the smallest unit. */
export async function wealthOf(chain: ChainClient, account: Uint8Array, at?: string): Promise<bigint> {
  const { data } = await chain.read(system.Account, [account], at);
  return data.free + data.reserved;
}

/** What an account has on hold for orders, bids and inspections: `Pallet.Reason` of each. */
export async function stakesOf(chain: ChainClient, account: Uint8Array): Promise<string[]> {
  const holds = await chain.read(balances.Holds, [account]);
  const reasons = holds.map(({ id }) => `${id.type}.${id.value}`);
  return reasons.filter((reason) => /^(Marketplace|ProofOfTraining)\./.test(reason));
}

/** What the events of some blocks say that everybody has, next to what the state says; and all that was issued. */
export async function audit(
  chain: ChainClient,
  events: readonly Happened[],
  last: number,
): Promise<{ readonly told: object; readonly found: object; readonly issued: bigint; readonly sum: bigint }> {
  const [first, at] = await Promise.all(
    [0, last].map((number) => chain.request<string>("chain_getBlockHash", number)),
  );
  const books = new Books([]);
  for (const account of await accountsAt(chain, first!))
    books.balances.set(account, await wealthOf(chain, fromHex(account)!, first));
  for (const event of events) if (event.block <= last) books.read(plain(event));
  const told: Record<string, bigint> = Object.fromEntries(
    [...books.balances].filter(([, amount]) => amount > 0n).sort(),
  );
  const found: Record<string, bigint> = {};
  for (const account of (await accountsAt(chain, at!)).sort())
    found[account] = await wealthOf(chain, fromHex(account)!, at);
  const issued = await chain.read(balances.TotalIssuance, [], at);
  return { told, found, issued, sum: Object.values(found).reduce((a, b) => a + b, 0n) };
}

const page = 1_000;
/** Of all accounts that have something, in hexadecimal: the key of a map ends with what it is of. */
async function accountsAt(chain: ChainClient, at: string): Promise<string[]> {
  const prefix = toHex(system.Account.key(new Uint8Array(32)).subarray(0, 32));
  const keys = await chain.request<string[]>("state_getKeysPaged", prefix, page, undefined, at);
  return keys.map((key) => `0x${key.slice(-64)}`);
}

/** An event as one reads it who knows the metadata alone. */
function plain({ name, block, fields }: Happened): ChainEvent {
  const told = (value: unknown): unknown => {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Uint8Array) return toHex(value);
    if (Array.isArray(value)) return value.map(told);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [named(key), told(inner)]));
  };
  // As clients in JavaScript name fields.
  const named = (field: string) => field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { name, block, topics: [], fields: told(fields) as ChainEvent["fields"] };
}
