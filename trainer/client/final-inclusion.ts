/**
 * Finds a transaction in final blocks, whatever its watcher says: polkadot-api now and then overlooks one where blocks come
 * fast and several are watched at once, and whoever waits for it would miss what is due next.
 */
import { setTimeout as pause } from "node:timers/promises";
import { storage as system } from "../../pallets/system/index.ts";
import { runtime } from "../../runtime/index.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { hashExtrinsic } from "../../runtime/primitives/extrinsic.ts";

type Request = <T>(method: string, ...params: unknown[]) => Promise<T>;

/** An event as polkadot-api shapes it, with values as the runtime's own codecs read them. */
interface Told {
  readonly type: string;
  readonly value: { readonly type: string; readonly value: unknown };
}

/** Where a transaction is, and what it did. */
export interface Inclusion {
  readonly block: { readonly hash: string; readonly number: number };
  readonly events: readonly Told[];
  /** Why its call failed, as polkadot-api says it. */
  readonly failure: { readonly type: string; readonly value: unknown } | undefined;
}

/** Between two looks at the final height, in ms. */
const everyMs = 2_000;

/** Resolves when a transaction of this hash is in a final block of height `from` or above. Rejects with the signal's reason. */
export async function finalInclusion(
  request: Request,
  hash: string,
  from: number,
  signal: AbortSignal,
): Promise<Inclusion> {
  for (let next = from; ; ) {
    await pause(everyMs, undefined, { signal });
    // A node that does not answer now may in the next turn; the signal ends the waiting for it.
    for (const height = await finalHeight(request).catch(() => 0); next <= height; next++) {
      const found = await inBlock(request, next, hash);
      if (found) return found;
    }
  }
}

/**
 * What became of a transaction whose nonce was taken meanwhile: where it is, or undefined once a final block holds another one
 * of that nonce and this one is in none before, so that it never will be. Looks from height `from`. Rejects with the signal's reason.
 */
export async function fateOf(
  request: Request,
  hash: string,
  { account, nonce }: { readonly account: Uint8Array; readonly nonce: number },
  from: number,
  signal: AbortSignal,
): Promise<Inclusion | undefined> {
  for (let next = from; ; ) {
    for (const height = await finalHeight(request); next <= height; next++) {
      const found = await inBlock(request, next, hash);
      if (found) return found;
    }
    // All blocks before `next` were looked through, so the account is asked about in the last of them.
    if (next > from && (await nonceAt(request, next - 1, account)) > nonce) return undefined;
    await pause(everyMs, undefined, { signal });
  }
}

/** The nonce that an account's next transaction had after the block of this number. */
async function nonceAt(request: Request, number: number, account: Uint8Array): Promise<number> {
  const hash = await request<string>("chain_getBlockHash", number);
  const stored = await request<string | null>("state_getStorage", toHex(system.Account.key(account)), hash);
  return system.Account.get(holding(stored), account).nonce;
}

/** A state in which a storage item has this value, in hex, or none. */
function holding(stored: string | null) {
  const bytes = stored === null ? undefined : fromHex(stored);
  return { storage: { get: () => bytes, nextKey: () => undefined } };
}

/** Height of the last final block. */
export async function finalHeight(request: Request): Promise<number> {
  const head = await request<string>("chain_getFinalizedHead");
  return Number((await request<{ number: string }>("chain_getHeader", head)).number);
}

interface SignedBlock {
  readonly block: { readonly extrinsics: readonly string[] };
}

async function inBlock(request: Request, number: number, wanted: string): Promise<Inclusion | undefined> {
  const hash = await request<string>("chain_getBlockHash", number);
  const { block } = await request<SignedBlock>("chain_getBlock", hash);
  const place = block.extrinsics.findIndex((hex) => toHex(hashExtrinsic(fromHex(hex)!)) === wanted);
  if (place < 0) return undefined;
  const stored = await request<string | null>("state_getStorage", toHex(system.Events.key()), hash);
  const records = system.Events.get(holding(stored));
  const events = records
    .filter(({ phase }) => phase.type === "ApplyExtrinsic" && phase.value === place)
    .map(({ event }) => event as Told);
  const failed = events.find(({ type, value }) => type === "System" && value.type === "ExtrinsicFailed");
  const { dispatch_error } = (failed?.value.value ?? {}) as { dispatch_error?: Told };
  return { block: { hash, number }, events, failure: dispatch_error && named(dispatch_error) };
}

/** An error of a pallet is known to the chain by numbers alone. */
function named(error: { readonly type: string; readonly value: unknown }): Inclusion["failure"] {
  if (error.type !== "Module") return error;
  const { index, error: bytes } = error.value as { index: number; error: Uint8Array };
  const pallet = runtime.pallets.find((each) => each.index === index)?.pallet;
  const type = Object.keys(pallet?.schema.errors ?? {})[bytes[0] ?? 0] ?? `error ${bytes[0]}`;
  return { type: "Module", value: { type: pallet?.name ?? `pallet ${index}`, value: { type } } };
}
