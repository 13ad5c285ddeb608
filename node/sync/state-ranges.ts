/** What is left to download of a state: ranges of keys, as many as can be asked for at the same time. */
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { record } from "../../runtime/primitives/codec-struct.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { type Header, headerCodec } from "../../runtime/primitives/header.ts";
import type { KeyRange } from "../../runtime/primitives/trie/range-proof.ts";

const note = record({
  header: headerCodec,
  entries: u32,
  ranges: vec(record({ from: bytes, to: option(bytes) })),
});

/** Ranges that are worth having, so that several peers have something to do. */
const wantedRanges = 12;

export class StateRanges {
  readonly header: Header;
  /** Entries that have come. */
  entries: number;
  readonly #open: KeyRange[];
  readonly #taken = new Set<KeyRange>();

  private constructor(header: Header, entries: number, ranges: readonly KeyRange[]) {
    this.header = header;
    this.entries = entries;
    this.#open = [...ranges];
  }

  /** All of the state of a block. */
  static of(header: Header): StateRanges {
    return new StateRanges(header, 0, [{ from: new Uint8Array(0) }]);
  }

  /** What a note says that an earlier process wrote. */
  static decode(bytes: Uint8Array): StateRanges {
    const { header, entries, ranges } = decode(note, bytes);
    return new StateRanges(header, entries, ranges);
  }

  /** What is not there yet, whoever was asked for it. */
  encode(): Uint8Array {
    const ranges = [...this.#taken, ...this.#open].map(({ from, to }) => ({ from, to }));
    return encode(note, { header: this.header, entries: this.entries, ranges });
  }

  get isComplete(): boolean {
    return this.#open.length === 0 && this.#taken.size === 0;
  }

  /** A range to ask somebody for; `settle` or `giveBack` follow. */
  take(): KeyRange | undefined {
    const range = this.#open.shift();
    if (range) this.#taken.add(range);
    return range;
  }

  giveBack(range: KeyRange): void {
    if (this.#taken.delete(range)) this.#open.unshift(range);
  }

  /** Entries of a range have come; `rest` are the starts of what is left of it, in key order. */
  settle(range: KeyRange, entries: number, rest: readonly Uint8Array[]): void {
    this.#taken.delete(range);
    this.entries += entries;
    if (rest.length === 0) return;
    const parts = Math.max(1, Math.min(rest.length, wantedRanges - this.#open.length - this.#taken.size));
    const starts = Array.from({ length: parts }, (_, i) => rest[Math.floor((i * rest.length) / parts)]!);
    starts.forEach((from, i) => {
      this.#open.push({ from, to: starts[i + 1] ?? range.to });
    });
  }
}
