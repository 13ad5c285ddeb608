/**
 * Remembers what was verified lately, at most `capacity` names: two generations, of which the older one is
 * forgotten as a whole when the younger one is full. A name that is asked for stays.
 */
export class VerifiedSet {
  #young = new Set<string>();
  #old = new Set<string>();
  readonly #generation: number;

  constructor(capacity: number) {
    this.#generation = Math.max(1, capacity >> 1);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  add(name: string): void {
    this.#old.delete(name);
    this.#young.add(name);
    if (this.#young.size < this.#generation) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  has(name: string): boolean {
    if (this.#young.has(name)) return true;
    if (!this.#old.has(name)) return false;
    this.add(name);
    return true;
  }
}
