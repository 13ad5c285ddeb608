import type { Chain } from "../chain/chain.ts";
import type { Hash } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { Log } from "../log/log.ts";
import type { Pool } from "../pool/pool.ts";
import type { Author, AuthoredBlock } from "./author.ts";

export interface SealOptions {
  /** Make a block even if no transaction is ready. */
  readonly allowEmpty: boolean;
  /** Make it final too. */
  readonly finalize: boolean;
  /** The block to build on; the best one unless told. */
  readonly parent?: Hash | undefined;
}

/** The longest that a block on demand takes transactions for, in ms. */
const longestBuildMs = 10_000;

/** Makes blocks when asked, one after another. Time runs ahead of the clock if they come faster than slots. */
export class Sealer {
  readonly #author: Author;
  readonly #chain: Chain;
  readonly #pool: Pool<unknown>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(author: Author, { chain, pool }: { readonly chain: Chain; readonly pool: Pool<unknown> }) {
    this.#author = author;
    this.#chain = chain;
    this.#pool = pool;
  }

  /** @throws Error that says why there is no block. */
  seal(options: SealOptions): Promise<AuthoredBlock> {
    const turn = this.#last.then(() => this.#seal(options));
    // Whoever asked for a block hears why there is none; the next one has its own turn.
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** @throws Error when the block is unknown or not on the finalized chain. */
  async finalize(hash: Hash): Promise<void> {
    const refused = await this.#chain.finalize(hash);
    if (refused) throw new Error(refused.message);
  }

  /** Seals a block whenever a transaction becomes ready, until the returned function is called. */
  sealInstantly(log: Log): () => void {
    let isAsked = false;
    const ask = (): void => {
      // Transactions that come while one block is made share the next one.
      if (isAsked) return;
      isAsked = true;
      const sealed = this.#last.then(async () => {
        isAsked = false;
        if (this.#pool.size.ready > 0) await this.#seal({ allowEmpty: false, finalize: false });
      });
      this.#last = sealed.catch((error) => log.error("could not make a block", { error }));
    };
    this.#pool.events.on("ready", ask);
    return () => this.#pool.events.off("ready", ask);
  }

  async #seal({ allowEmpty, finalize, parent }: SealOptions): Promise<AuthoredBlock> {
    const on = parent === undefined ? this.#chain.best : this.#headOf(parent);
    if (!allowEmpty && this.#pool.size.ready === 0) {
      throw new Error("no transaction is ready, and an empty block was not asked for");
    }
    const claim = this.#author.nextClaim(on);
    const deadline = this.#author.clock() + longestBuildMs;
    const block = await this.#author.author({ parent: on, claim, deadline });
    if (finalize) await this.finalize(block.hash);
    return block;
  }

  #headOf(hash: Hash): Head {
    const header = this.#chain.header(hash);
    if (!header) throw new Error(`block ${hash} is not known`);
    return { hash, number: header.number };
  }
}
