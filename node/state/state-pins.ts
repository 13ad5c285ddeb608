import type { Version } from "../../runtime/primitives/trie/node-address.ts";

/** What a pinned state needs to stay whole. */
export interface Needs {
  /** The state itself and those it stands on that are not final: it may share nodes with each. */
  readonly states: ReadonlySet<Version>;
  /** Depth of the newest final state it stands on; nothing from there on may be pruned. */
  readonly anchor: number;
}

/** States that somebody reads for longer than a moment. */
export class StatePins {
  readonly #pins = new Map<Version, { count: number; readonly needs: Needs }>();

  add(version: Version, needs: Needs): void {
    const pin = this.#pins.get(version);
    if (pin) pin.count++;
    else this.#pins.set(version, { count: 1, needs });
  }

  remove(version: Version): void {
    const pin = this.#pins.get(version);
    if (pin && --pin.count === 0) this.#pins.delete(version);
  }

  /** Whether a pinned state needs this one. */
  hold(version: Version): boolean {
    for (const { needs } of this.#pins.values()) if (needs.states.has(version)) return true;
    return false;
  }

  /** The smallest depth whose final state must stay. */
  get limit(): number {
    return Math.min(...[...this.#pins.values()].map(({ needs }) => needs.anchor));
  }
}
