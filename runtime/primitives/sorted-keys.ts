/**
 * Key texts in order, for `nextKey` over a map. Keys are only ever added: whoever asks passes a test for the
 * ones that still count. New keys wait until somebody asks, because most executions never iterate.
 */
export class SortedKeys {
  #sorted: string[];
  #added: string[] = [];

  constructor(keys: Iterable<string>) {
    this.#sorted = [...keys].sort();
  }

  add(key: string): void {
    this.#added.push(key);
  }

  /** The first key after `key` that counts. */
  next(key: string, counts: (key: string) => boolean): string | undefined {
    const sorted = this.#settle();
    for (let i = firstNot(sorted, (other) => other <= key); i < sorted.length; i++) {
      if (counts(sorted[i]!)) return sorted[i];
    }
    return undefined;
  }

  /** All keys that start with `prefix` and count. */
  withPrefix(prefix: string, counts: (key: string) => boolean): string[] {
    const sorted = this.#settle();
    const found: string[] = [];
    for (let i = firstNot(sorted, (other) => other < prefix); sorted[i]?.startsWith(prefix); i++) {
      if (counts(sorted[i]!)) found.push(sorted[i]!);
    }
    return found;
  }

  #settle(): readonly string[] {
    if (this.#added.length > manyKeys) {
      this.#sorted = [...new Set([...this.#sorted, ...this.#added])].sort();
    } else {
      for (const key of this.#added) {
        const at = firstNot(this.#sorted, (other) => other < key);
        // A key that was removed and added again is still here.
        if (this.#sorted[at] !== key) this.#sorted.splice(at, 0, key);
      }
    }
    this.#added = [];
    return this.#sorted;
  }
}

// Above this, sorting everything is cheaper than moving the tail for each key.
const manyKeys = 64;

/** Index of the first key for which `before` does not hold; it holds for a prefix of the list. */
function firstNot(sorted: readonly string[], before: (key: string) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
