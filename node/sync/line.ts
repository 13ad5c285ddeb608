import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { bytesToHash, type Hash, hashToBytes } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import { BadAnswer } from "./bad-answer.ts";
import type { ProvenHeader } from "./messages.ts";

/** A header whose place in a line of headers was checked by hash. */
export interface LinkedHeader extends ProvenHeader {
  readonly hash: Hash;
}

/** Headers that must follow one another upwards from `parent`. @throws BadAnswer */
export function linkUpwards(parent: Head, headers: readonly ProvenHeader[]): LinkedHeader[] {
  let { hash, number } = parent;
  return headers.map((proven) => {
    const { header } = proven;
    if (header.number !== number + 1 || !equalBytes(header.parentHash, hashToBytes(hash))) {
      throw new BadAnswer(`it sent header ${header.number}, which does not follow block ${number} ${hash}`);
    }
    hash = hashOf(header);
    number = header.number;
    return { ...proven, hash };
  });
}

/** Headers that must lead downwards from the block with this hash, parents after children. @throws BadAnswer */
export function linkDownwards(first: Hash, headers: readonly ProvenHeader[]): LinkedHeader[] {
  let expected = first;
  let number = headers[0]?.header.number ?? 0;
  return headers.map((proven) => {
    const { header } = proven;
    const hash = hashOf(header);
    if (hash !== expected || header.number !== number) {
      throw new BadAnswer(`it sent header ${header.number} ${hash} where ${number} ${expected} belongs`);
    }
    expected = bytesToHash(header.parentHash);
    number = header.number - 1;
    return { ...proven, hash };
  });
}

const hashOf = (header: Header): Hash => bytesToHash(hashHeader(header));
