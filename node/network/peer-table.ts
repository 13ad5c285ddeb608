import type { PeerId, PeerInfo, Status } from "./types.ts";

/** A connected peer; it counts for others once it told its status. */
export interface PeerEntry {
  readonly id: PeerId;
  readonly address: string;
  readonly direction: "in" | "out";
  readonly connectedAt: number;
  status: Status | undefined;
  agent: string;
}

/** The connected peers. Entries come and go with connections; `whenReady` waits for the status of one. */
export class PeerTable {
  readonly #entries = new Map<PeerId, PeerEntry>();
  readonly #waiting = new Map<PeerId, Set<() => void>>();
  readonly #describe: (entry: PeerEntry & { status: Status }) => PeerInfo;

  /** `describe` adds what others know of a peer. */
  constructor(describe: (entry: PeerEntry & { status: Status }) => PeerInfo) {
    this.#describe = describe;
  }

  add(entry: PeerEntry): void {
    this.#entries.set(entry.id, entry);
  }

  /** The entry that is gone; undefined when there was none. */
  remove(id: PeerId): PeerEntry | undefined {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    this.#wake(id);
    return entry;
  }

  entry(id: PeerId): PeerEntry | undefined {
    return this.#entries.get(id);
  }

  /** True when it is the first status of the peer. */
  setStatus(entry: PeerEntry, status: Status): boolean {
    const first = entry.status === undefined;
    entry.status = status;
    if (first) this.#wake(entry.id);
    return first;
  }

  info(id: PeerId): PeerInfo | undefined {
    const entry = this.#entries.get(id);
    return entry && isReady(entry) ? this.#describe(entry) : undefined;
  }

  ready(): PeerInfo[] {
    return [...this.#entries.values()].filter(isReady).map(this.#describe);
  }

  /** Peers by the direction of their connection, whether ready or not; all, or those that `counts` says. */
  count(direction: "in" | "out", counts: (peer: PeerId) => boolean = () => true): number {
    return [...this.#entries.values()].filter((e) => e.direction === direction && counts(e.id)).length;
  }

  /** The peer, as soon as its status is known; undefined where it leaves or the signal comes first. */
  async whenReady(id: PeerId, signal: AbortSignal): Promise<PeerInfo | undefined> {
    const info = this.info(id);
    if (info || !this.#entries.has(id) || signal.aborted) return info;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    const onAbort = () => resolve();
    signal.addEventListener("abort", onAbort, { once: true });
    await promise;
    signal.removeEventListener("abort", onAbort);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
    return this.info(id);
  }

  #wake(id: PeerId): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve();
  }
}

const isReady = (entry: PeerEntry): entry is PeerEntry & { status: Status } => entry.status !== undefined;
