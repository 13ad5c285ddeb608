import type { RuntimeCall } from "../../runtime/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import type { Signer } from "../client/signer.ts";
import type { Included } from "../client/submitter.ts";
import { type Due, dueOf } from "./due.ts";
import type { JobSecrets } from "./order-secrets.ts";

/** How a keeper tells what it does. */
export interface KeeperLog {
  /** It was handed out, in a block of this height. */
  gave(due: Due, block: number): void;
  /** It could not be; it is tried again. */
  failed(error: Error): void;
}

/** Longest pause after failures, in blocks. */
const maxPause = 16;

/**
 * Hands out what an order's parties wait for, as its buyer follows the chain. What was handed out is read from the chain, so a
 * keeper that is started again does nothing twice, and two of them at worst pay a fee for a call that fails.
 */
export class Keeper {
  readonly #chain: ChainClient;
  readonly #signer: Signer;
  readonly #secrets: JobSecrets;
  readonly #log: KeeperLog;
  #sending: Promise<void> | undefined;
  /** It looks, or something is on its way. */
  #isBusy = false;
  /** What is read of earlier blocks does not know of what was sent. */
  #notBefore = 0;
  #failures = 0;

  constructor(chain: ChainClient, signer: Signer, secrets: JobSecrets, log: KeeperLog) {
    this.#chain = chain;
    this.#signer = signer;
    this.#secrets = secrets;
    this.#log = log;
  }

  /** Looks at the order as it is in a final block, and begins to hand out what is due. Resolves when it has looked. @throws ChainError. */
  async see(details: OrderDetails, block: { readonly hash: string; readonly number: number }): Promise<void> {
    if (this.#isBusy || block.number < this.#notBefore) return;
    this.#isBusy = true;
    try {
      const due = await dueOf(this.#chain, details, this.#secrets, block);
      this.#sending = due.length > 0 ? this.#send(due, block.number) : undefined;
    } finally {
      if (this.#sending === undefined) this.#isBusy = false;
    }
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #send(due: readonly Due[], seen: number): Promise<void> {
    try {
      const { block } = await handOut(this.#chain, this.#signer, due);
      this.#notBefore = block.number;
      this.#failures = 0;
      for (const each of due) this.#log.gave(each, block.number);
    } catch (error) {
      this.#notBefore = seen + Math.min(2 ** this.#failures, maxPause);
      this.#failures++;
      this.#log.failed(error as Error);
    } finally {
      this.#sending = undefined;
      this.#isBusy = false;
    }
  }
}

/** Hands out what is due, all of it or nothing, and resolves once that is final. @throws ChainError. */
export function handOut(chain: ChainClient, signer: Signer, due: readonly Due[]): Promise<Included> {
  const calls = due.map(({ call }) => call);
  const call: RuntimeCall =
    calls.length === 1 ? calls[0]! : { type: "Utility", value: { type: "batch_all", value: { calls } } };
  return chain.submit(signer, call, { until: "finalized" });
}
