import { setTimeout as pause } from "node:timers/promises";
import * as system from "../../pallets/system/index.ts";
import { ChainError } from "./errors.ts";

type EventRecords = ReturnType<typeof system.storage.Events.get>;

/** What following blocks asks of the node. */
interface Port {
  request<T>(method: string, ...params: unknown[]): Promise<T>;
  read(item: typeof system.storage.Events, keys: [], at: string): Promise<EventRecords>;
}

/** A block that will never be taken back, with all that happened in it. */
export interface FinalBlock {
  readonly hash: string;
  readonly number: number;
  readonly events: EventRecords;
}

/** How long to wait before asking again after a lost connection, in ms. */
const retryMs = 1_000;

/**
 * Finalized blocks from a height on. What a lost connection leaves without an answer is asked again, so a node that
 * restarts leaves no gap. @throws ChainError `Refused` where the node answers that it cannot tell, as of a state that it
 * has pruned.
 */
export async function* blocksFrom(
  chain: Port,
  reached: (height: number, signal: AbortSignal) => Promise<void>,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<FinalBlock> {
  for (let number = from; ; ) {
    await reached(number, signal);
    if (signal.aborted) return;
    const block = await blockAt(chain, number);
    // A pause that the signal ends is one that ends: the loop looks at the signal itself.
    if (block === undefined) await pause(retryMs, undefined, { signal }).catch(() => undefined);
    else {
      yield block;
      number++;
    }
  }
}

/** Undefined while the node is lost, or does not have again what it once told of. */
async function blockAt(chain: Port, number: number): Promise<FinalBlock | undefined> {
  try {
    const hash = await chain.request<string | null>("chain_getBlockHash", number);
    return hash === null
      ? undefined
      : { hash, number, events: await chain.read(system.storage.Events, [], hash) };
  } catch (error) {
    if (error instanceof ChainError && error.code === "Unreachable") return undefined;
    throw error;
  }
}
