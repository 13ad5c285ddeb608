import { type Log, silentLog } from "../log/log.ts";
import type { Network } from "../network/types.ts";
import type { PoolApi, PoolTransaction } from "../pool/types.ts";
import { encodeTransactions } from "./messages.ts";

/** Transactions are gathered for so long, or until a batch has so many bytes. */
const gatherMs = 50;
const batchBytes = 128 * 1024;

interface Parts {
  readonly pool: Pick<PoolApi<unknown>, "get" | "broadcasted">;
  readonly network: Pick<Network, "publish" | "peers">;
  readonly log?: Log | undefined;
}

/** Gathers transactions that are ready here into batches for the peers. */
export class TransactionSender {
  readonly #parts: Parts;
  #gathered: PoolTransaction[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(transaction: PoolTransaction): void {
    this.#gathered.push(transaction);
    this.#bytes += transaction.bytes.length;
    if (this.#bytes >= batchBytes) void this.#send();
    else this.#timer ??= setTimeout(() => void this.#send(), gatherMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { pool, network, log = silentLog } = this.#parts;
    // What left the pool while it waited is nobody's business any more.
    const batch = this.#gathered.filter(({ hash }) => pool.get(hash));
    this.#gathered = [];
    this.#bytes = 0;
    if (batch.length === 0) return;
    try {
      const count = await network.publish(
        "transactions",
        encodeTransactions(batch.map(({ bytes }) => bytes)),
      );
      if (count === 0) return;
      const peers = network.peers().map(({ id }) => id);
      for (const { hash } of batch) pool.broadcasted(hash, peers);
    } catch (error) {
      log.warn("could not send transactions", { count: batch.length, error });
    }
  }
}
