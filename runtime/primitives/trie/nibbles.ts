/**
 * A run of half bytes inside an array: from `start` up to but not including `end`, counted in nibbles, the
 * high half of each byte first. Keys and the partial keys of encoded nodes are used as they lie.
 */
export interface Nibbles {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export const nibbleAt = (bytes: Uint8Array, at: number): number =>
  (at & 1) === 0 ? bytes[at >> 1]! >> 4 : bytes[at >> 1]! & 15;

export const keyNibbles = (key: Uint8Array): Nibbles => ({ bytes: key, start: 0, end: key.length * 2 });

export const nibbleCount = (nibbles: Nibbles): number => nibbles.end - nibbles.start;

/** The run without its first `count` nibbles. */
export const dropNibbles = (from: Nibbles, count: number): Nibbles => ({
  ...from,
  start: from.start + count,
});

/** The first `count` nibbles of the run. */
export const takeNibbles = ({ bytes, start }: Nibbles, count: number): Nibbles => ({
  bytes,
  start,
  end: start + count,
});

/** How many nibbles two runs have in common at their start. */
export function sharedNibbles(a: Nibbles, b: Nibbles): number {
  const limit = Math.min(a.end - a.start, b.end - b.start);
  let count = 0;
  while (count < limit && nibbleAt(a.bytes, a.start + count) === nibbleAt(b.bytes, b.start + count)) count++;
  return count;
}

/** `head`, one nibble, `tail`: the partial key of a node that takes in its only child. */
export function joinNibbles(head: Nibbles, nibble: number, tail: Nibbles): Nibbles {
  const path = new NibblePath();
  path.put(0, head);
  const at = nibbleCount(head);
  path.nibbles[at] = nibble;
  path.put(at + 1, tail);
  const end = at + 1 + nibbleCount(tail);
  return { bytes: path.pack(end), start: 0, end };
}

/** The way from the root to a place in the trie, one nibble per byte; overwritten as a walk goes on. */
export class NibblePath {
  nibbles = new Uint8Array(256);

  /** Writes a run at `depth`. */
  put(depth: number, run: Nibbles): void {
    this.reserve(depth + nibbleCount(run) + 1);
    for (let i = run.start, at = depth; i < run.end; i++, at++) this.nibbles[at] = nibbleAt(run.bytes, i);
  }

  reserve(length: number): void {
    if (length <= this.nibbles.length) return;
    const grown = new Uint8Array(length * 2);
    grown.set(this.nibbles);
    this.nibbles = grown;
  }

  /** The first `length` nibbles, two per byte; an odd last one has a zero below it. */
  pack(length: number): Uint8Array {
    const packed = new Uint8Array((length + 1) >> 1);
    this.packInto(packed, 0, length);
    return packed;
  }

  packInto(out: Uint8Array, offset: number, length: number): void {
    const { nibbles } = this;
    let at = offset;
    let i = 0;
    for (; i + 1 < length; i += 2) out[at++] = (nibbles[i]! << 4) | nibbles[i + 1]!;
    if (i < length) out[at] = nibbles[i]! << 4;
  }
}
