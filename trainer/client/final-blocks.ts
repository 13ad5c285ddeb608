import type { PolkadotClient } from "polkadot-api";
import * as system from "../../pallets/system/index.ts";

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

/** How long to wait before asking again after a failure, in ms. */
const retryMs = 2_000;

/** Finalized blocks from a height on. What fails is asked again: a node that restarts leaves no gap. */
export async function* blocksFrom(
  chain: Port,
  client: PolkadotClient,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<FinalBlock> {
  const heads = new Heads(client, signal);
  try {
    for (let number = from; !signal.aborted; ) {
      await heads.reach(number);
      if (signal.aborted) return;
      try {
        const hash = await chain.request<string | null>("chain_getBlockHash", number);
        if (hash === null) throw new Error(`block ${number} is not there yet`);
        yield { hash, number, events: await chain.read(system.storage.Events, [], hash) };
        number++;
      } catch {
        await pause(retryMs, signal);
      }
    }
  } finally {
    heads.close();
  }
}

/** The height of the finalized chain, as news of it come. */
class Heads {
  readonly #client: PolkadotClient;
  readonly #signal: AbortSignal;
  #number = -1;
  #wake: (() => void) | undefined;
  #end: () => void = () => undefined;

  constructor(client: PolkadotClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake?.(), { once: true });
    this.#listen();
  }

  /** Resolves when the block of this height is final, or the signal says to stop. */
  async reach(number: number): Promise<void> {
    while (this.#number < number && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#end();
  }

  #listen(): void {
    const again = () => {
      if (!this.#signal.aborted) setTimeout(() => this.#listen(), retryMs).unref();
    };
    const subscription = this.#client.finalizedBlock$.subscribe({
      next: ({ number }) => {
        this.#number = number;
        this.#wake?.();
      },
      error: again,
      complete: again,
    });
    this.#end = () => subscription.unsubscribe();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
