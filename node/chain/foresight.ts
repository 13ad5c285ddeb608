import * as system from "../../pallets/system/index.ts";
import { checkExtrinsic } from "../../runtime/check-extrinsic.ts";
import { runtime } from "../../runtime/index.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { isBare } from "../../runtime/primitives/extrinsic.ts";
import type { Header } from "../../runtime/primitives/header.ts";
import { InvalidityError } from "../../runtime/primitives/validity.ts";
import type { Chain } from "./chain.ts";
import { bytesToHash, type Hash, hashToBytes } from "./hash.ts";
import type { Block, Head } from "./types.ts";

/** Blocks between the best one and one whose signatures are checked ahead, at most. */
const sight = 64;

/**
 * Reads the signatures of blocks that wait for their turn, and gives them to the workers: while one block is executed,
 * those of the next are checked. What is signed depends on the blocks between; their hashes are known, though not
 * what they do, which nearly never matters. Where it does, the block's own turn asks again.
 */
export class Foresight {
  readonly #chain: Pick<Chain, "best" | "checkAhead">;
  /** The last blocks that were offered, by hash. */
  readonly #offered = new Map<Hash, Header>();

  constructor(chain: Pick<Chain, "best" | "checkAhead">) {
    this.#chain = chain;
  }

  /** A block that will be imported; the ones before it have been noted. */
  note(hash: Hash, { header }: Block): void {
    this.#offered.set(hash, header);
    if (this.#offered.size <= sight) return;
    for (const oldest of this.#offered.keys()) {
      this.#offered.delete(oldest);
      break;
    }
  }

  /** Has a block's signatures checked; those of blocks that do not stand on the best one wait for their turn. */
  look({ header, extrinsics }: Block): void {
    const between = this.#between(header);
    if (!between || extrinsics.every(isBare)) return;
    this.#chain.checkAhead((state, check) => {
      const ctx = runtime.context(state);
      system.storage.Number.set(ctx, header.number);
      for (const { hash, number } of between) system.storage.BlockHash.set(ctx, number, hashToBytes(hash));
      try {
        for (const extrinsic of extrinsics) if (!isBare(extrinsic)) checkExtrinsic(ctx, extrinsic, check);
      } catch (error) {
        // What means nothing now may mean something in its turn, and is refused there if it does not.
        if (!(error instanceof InvalidityError) && !(error instanceof CodecError)) throw error;
      }
    });
  }

  /** The best block and those between it and a block; undefined when they are not known to be connected. */
  #between(header: Header): Head[] | undefined {
    const { best } = this.#chain;
    const heads: Head[] = [];
    for (let above = header; heads.length < sight; ) {
      const hash = bytesToHash(above.parentHash);
      heads.push({ hash, number: above.number - 1 });
      if (hash === best.hash) return heads;
      const parent = this.#offered.get(hash);
      if (!parent || parent.number !== above.number - 1) return undefined;
      above = parent;
    }
    return undefined;
  }
}
