import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import type { Block } from "../chain/types.ts";
import type { PeerId } from "../network/types.ts";
import type { LinkedHeader } from "./line.ts";

/** One block of a line: its header is here, its body is to be fetched. */
export interface Entry extends LinkedHeader {
  body: readonly Uint8Array[] | undefined;
  /** Requests under way that ask for it. */
  asked: number;
  /** When it was asked for first (`performance.now()`). */
  since: number;
  /** Peers that could not give it. */
  readonly not: Set<PeerId>;
}

/** A line of blocks on their way here: taken from the front in order, filled in wherever bodies come. */
export class BlockLine {
  #entries: Entry[] = [];
  /** Bytes of bodies that are here. */
  bytes = 0;

  get length(): number {
    return this.#entries.length;
  }

  get first(): Entry | undefined {
    return this.#entries[0];
  }

  add(headers: readonly LinkedHeader[]): void {
    for (const linked of headers) {
      const isEmpty = equalBytes(linked.header.extrinsicsRoot, emptyRoot);
      this.#entries.push({ ...linked, body: isEmpty ? [] : undefined, asked: 0, since: 0, not: new Set() });
    }
  }

  fill(entry: Entry, body: readonly Uint8Array[]): void {
    // Two peers may have been asked.
    if (entry.body) return;
    entry.body = body;
    this.bytes += bytesOf(body);
  }

  /** The first block, when its body is here. */
  shift(): { readonly entry: Entry; readonly block: Block } | undefined {
    const entry = this.first;
    if (!entry?.body) return undefined;
    this.#entries.shift();
    this.bytes -= bytesOf(entry.body);
    return { entry, block: { header: entry.header, extrinsics: entry.body } };
  }

  /** The first blocks in a row, at most `max`, that nobody was asked for yet. */
  wanted(max: number): Entry[] {
    const from = this.#entries.findIndex(isWanted);
    if (from < 0) return [];
    const end = this.#entries.findIndex((entry, i) => i > from && !isWanted(entry));
    return this.#entries.slice(from, Math.min(from + max, end < 0 ? this.#entries.length : end));
  }

  /** The blocks in a row at the front whose body is not here, at most `max`. */
  overdue(max: number): Entry[] {
    const end = this.#entries.findIndex(({ body }) => body !== undefined);
    return this.#entries.slice(0, Math.min(max, end < 0 ? this.#entries.length : end));
  }
}

const isWanted = ({ body, asked }: Entry): boolean => body === undefined && asked === 0;

const bytesOf = (body: readonly Uint8Array[]): number => body.reduce((sum, one) => sum + one.length, 64);
