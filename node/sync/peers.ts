import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { type Log, silentLog } from "../log/log.ts";
import { RequestError } from "../network/errors.ts";
import { Paces } from "../network/paces.ts";
import type { Misbehaviour, Network, PeerId, PeerInfo, Protocol } from "../network/types.ts";
import { BadAnswer } from "./bad-answer.ts";

/** A peer did not give what it was asked for; it is not asked again for a while. */
export class PeerFailure extends Error {
  override readonly name = "PeerFailure";
  readonly peer: PeerId;
  /** It does not have it, which is no fault where it never said so. */
  readonly isUnavailable: boolean;

  constructor(peer: PeerId, message: string, isUnavailable = false) {
    super(message);
    this.peer = peer;
    this.isUnavailable = isUnavailable;
  }
}

interface Record {
  busy: number;
  /** `performance.now()` before which it is left alone. */
  retryAt: number;
  failures: number;
  /** Bytes a millisecond, averaged over its latest answers. */
  speed: number;
}

interface Choice {
  readonly not: ReadonlySet<PeerId>;
  /** Has it, whatever it told last of its best block. */
  readonly holder?: PeerId | undefined;
}

const has = (best: number, number: number, isHolder: boolean): boolean => isHolder || best >= number;

/** Of the requests that a peer allows: others of this node ask it too. */
const shareOfRate = 0.8;
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/** Whom to ask for what: peers by what they have, how much they do for us already, how fast they were. */
export class SyncPeers {
  readonly #network: Network;
  readonly #log: Log;
  readonly #records = new Map<PeerId, Record>();
  readonly #paces = new Paces(shareOfRate);
  readonly #leave: () => void;

  constructor(network: Network, log: Log = silentLog) {
    this.#network = network;
    this.#log = log;
    this.#leave = network.on("disconnected", (peer) => this.#records.delete(peer));
  }

  close(): void {
    this.#leave();
  }

  /** Peers that may be asked now, however busy. */
  all(): PeerInfo[] {
    const now = performance.now();
    return this.#network.peers().filter(({ id }) => (this.#records.get(id)?.retryAt ?? 0) <= now);
  }

  /** Whether anybody, asked now or later, may have a block of this height; `not` are out of the question. */
  hasHolder(number: number, { not, holder }: Choice): boolean {
    return this.#network
      .peers()
      .some(({ id, best }) => has(best.number, number, id === holder) && !not.has(id));
  }

  /** The best peer to ask for what belongs to a block of this height. */
  pick(number: number, { not, holder }: Choice, maxBusy: number): PeerInfo | undefined {
    return this.all()
      .filter(({ id, best }) => has(best.number, number, id === holder) && !not.has(id))
      .map((peer) => ({ peer, ...this.#of(peer.id) }))
      .filter(({ busy }) => busy < maxBusy)
      .sort((a, b) => a.busy - b.busy || b.speed - a.speed)[0]?.peer;
  }

  /**
   * Asks a peer and reads its answer. Whatever is wrong with the answer costs the peer.
   * @throws PeerFailure, or the reason of `signal`.
   */
  async ask<T>(
    peer: PeerId,
    protocol: Protocol,
    body: Uint8Array,
    read: (answer: Uint8Array) => T,
    signal: AbortSignal,
  ): Promise<T> {
    const record = this.#of(peer);
    record.busy++;
    try {
      await this.#paces.pass(peer, protocol, signal);
      const started = performance.now();
      const answer = await this.#network.request(peer, protocol, body, { signal });
      const value = read(answer);
      const speed = answer.length / Math.max(1, performance.now() - started);
      record.speed = record.speed === 0 ? speed : 0.7 * record.speed + 0.3 * speed;
      record.failures = 0;
      return value;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const misbehaviour = faultOf(error);
      if (misbehaviour) throw this.blame(peer, misbehaviour, (error as Error).message);
      if (!(error instanceof RequestError)) throw error;
      const isUnavailable = error.code === "Unavailable";
      // Timeouts and the like were reported where they were noticed.
      if (!isUnavailable) this.pause(peer);
      throw new PeerFailure(peer, error.message, isUnavailable);
    } finally {
      record.busy--;
    }
  }

  /** Takes reputation from a peer and leaves it alone for a while; gives the failure to throw. */
  blame(peer: PeerId, misbehaviour: Misbehaviour, message: string): PeerFailure {
    this.#log.debug("a peer misbehaved", { peer, misbehaviour, message });
    this.pause(peer);
    this.#network.report(peer, misbehaviour);
    return new PeerFailure(peer, message);
  }

  /** Leaves a peer alone: twice as long each time, until it gives an answer, or for as long as it is told. */
  pause(peer: PeerId, ms?: number): void {
    const record = this.#of(peer);
    const pause = ms ?? Math.min(longestPauseMs, firstPauseMs * 2 ** record.failures);
    record.failures++;
    record.retryAt = Math.max(record.retryAt, performance.now() + pause);
  }

  #of(peer: PeerId): Record {
    let record = this.#records.get(peer);
    if (!record) {
      record = { busy: 0, retryAt: 0, failures: 0, speed: 0 };
      // A peer that left meanwhile is not remembered.
      if (this.#network.peer(peer)) this.#records.set(peer, record);
    }
    return record;
  }
}

function faultOf(error: unknown): Misbehaviour | undefined {
  if (error instanceof CodecError) return "Malformed";
  if (error instanceof BadAnswer) return "Unrequested";
  return undefined;
}
