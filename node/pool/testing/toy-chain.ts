import { EventEmitter } from "node:events";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { bytesToHash, type Hash } from "../../chain/hash.ts";
import type { ChainEvents, Head } from "../../chain/types.ts";
import type { PoolComponents } from "../pool.ts";
import type { Validity } from "../types.ts";

interface ToyBlock extends Head {
  readonly parent: ToyBlock | undefined;
  readonly body: readonly Uint8Array[];
  /** Sender to the next nonce. */
  readonly nonces: ReadonlyMap<number, number>;
}

export type ToyReason = "Stale" | "Broken";

/** Transactions of a ledger that knows nothing but nonces: one byte each, `salt` only makes another hash. */
export const toyTransaction = (sender: number, nonce: number, tip = 0, salt = 0): Uint8Array =>
  Uint8Array.of(sender, nonce, tip, salt);

/** A chain whose rule is a nonce per sender, with forks on demand: just enough for the pool to be real. */
export class ToyChain implements Pick<PoolComponents<ToyReason>["chain"], "best" | "events"> {
  readonly events = new EventEmitter<ChainEvents>();
  readonly genesis: ToyBlock = { hash: "0x00", number: 0, parent: undefined, body: [], nonces: new Map() };
  best: ToyBlock = this.genesis;
  /** Set to the blocks for which a transaction counts, to test mortality. */
  longevity = 1000n;
  /** Transactions that the rules do not like any more. */
  readonly refused = new Set<Uint8Array>();
  validations = 0;
  readonly #blocks = new Map<Hash, ToyBlock>([[this.genesis.hash, this.genesis]]);
  #serial = 0;

  body = (hash: Hash): readonly Uint8Array[] | undefined => this.#blocks.get(hash)?.body;

  /** Puts a block on `parent` and makes it the best one. */
  extend(body: readonly Uint8Array[], parent: ToyBlock = this.best): ToyBlock {
    const nonces = new Map(parent.nonces);
    for (const [sender, nonce] of body) nonces.set(sender!, nonce! + 1);
    const hash = bytesToHash(blake2_256(Buffer.from(`block ${++this.#serial}`)));
    const block: ToyBlock = { hash, number: parent.number + 1, parent, body, nonces };
    this.#blocks.set(hash, block);
    const [from, to] = [ancestry(this.best), ancestry(block)];
    const common = from.find((one) => to.includes(one)) ?? this.genesis;
    const retracted = from.slice(0, from.indexOf(common));
    const enacted = to.slice(0, to.indexOf(common)).reverse();
    this.best = block;
    this.events.emit("best", { ...block, header: undefined as never, route: { retracted, common, enacted } });
    return block;
  }

  finalize(block: ToyBlock): void {
    const header = undefined as never;
    this.events.emit("finalized", { ...block, header, enacted: [block], stale: [] });
  }

  validate = async (bytes: Uint8Array, _source: unknown, at: Hash): Promise<Validity<ToyReason>> => {
    this.validations++;
    const [sender, nonce, tip] = bytes;
    if (sender === undefined || nonce === undefined || tip === undefined)
      return { type: "invalid", reason: "Broken" };
    if (this.refused.has(bytes)) return { type: "invalid", reason: "Broken" };
    const next = this.#blocks.get(at)?.nonces.get(sender) ?? 0;
    if (nonce < next) return { type: "invalid", reason: "Stale" };
    return {
      type: "valid",
      value: {
        priority: BigInt(tip),
        requires: nonce > next ? [Uint8Array.of(sender, nonce - 1)] : [],
        provides: [Uint8Array.of(sender, nonce)],
        longevity: this.longevity,
        propagate: true,
      },
    };
  };
}

function ancestry(block: ToyBlock): ToyBlock[] {
  const line: ToyBlock[] = [];
  for (let at: ToyBlock | undefined = block; at; at = at.parent) line.push(at);
  return line;
}
