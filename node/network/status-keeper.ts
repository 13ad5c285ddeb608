import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import type { Log } from "../log/log.ts";
import type { PeerEntry, PeerTable } from "./peer-table.ts";
import { answerStatus, type ExchangeOptions, offerStatus, StatusError } from "./status-exchange.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { BlockRef, Misbehaviour, PeerId, PeerInfo, Status } from "./types.ts";

export interface StatusOptions {
  readonly genesis: Uint8Array;
  /** The protocol's name on the wire. */
  readonly protocol: string;
  readonly handshakeMs: number;
  /** Least time between two messages to a peer. */
  readonly statusMs: number;
}

export interface StatusComponents {
  readonly libp2p: Libp2p;
  readonly peers: PeerTable;
  report(peer: PeerId, reason: Misbehaviour): void;
  disconnect(peer: PeerId): Promise<void>;
  /** There are more incoming connections than are wanted. */
  maxInReached(): boolean;
  isReserved(peer: PeerId): boolean;
  ready(peer: PeerInfo): void;
  changed(peer: PeerInfo): void;
  left(peer: PeerId, wasReady: boolean): void;
  counted(direction: "in" | "out", count: number): void;
  readonly log: Log;
}

/** Status messages a peer may send: as often as the throttle of an honest one allows, twice over. */
const perSecond = 4;
const burst = 20;

/** Follows connections: whoever connects tells its status in time, or is let go; changes are told and heard. */
export class StatusKeeper {
  readonly #options: StatusOptions;
  readonly #components: StatusComponents;
  readonly #buckets = new Map<PeerId, TokenBucket>();
  #own: Status;
  #timer: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor(options: StatusOptions, own: Status, components: StatusComponents) {
    this.#options = options;
    this.#own = own;
    this.#components = components;
  }

  /** Before the host starts, so that no connection is missed. */
  async register(): Promise<void> {
    const { libp2p } = this.#components;
    libp2p.addEventListener("connection:open", ({ detail }) => this.#onOpen(detail));
    libp2p.addEventListener("peer:disconnect", ({ detail }) => this.#onGone(detail.toString()));
    libp2p.addEventListener("peer:identify", ({ detail }) => {
      const entry = this.#components.peers.entry(detail.peerId.toString());
      if (entry) entry.agent = printable(detail.agentVersion ?? "");
    });
    await libp2p.handle(this.#options.protocol, (stream, from) => this.#onStream(stream, from), {
      maxInboundStreams: 4,
    });
  }

  /** Tells the peers, at most once in `statusMs`. */
  set(own: Status): void {
    this.#own = own;
    if (this.#timer || this.#stopped) return;
    const wait = this.#toldAt + this.#options.statusMs - performance.now();
    this.#timer = setTimeout(() => this.#tellAll(), Math.max(0, wait));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #onOpen(connection: Connection): void {
    const { peers, isReserved, maxInReached, disconnect } = this.#components;
    const id = connection.remotePeer.toString();
    if (peers.entry(id)) return; // A second connection of the same peer.
    peers.add({
      id,
      address: connection.remoteAddr.toString(),
      direction: connection.direction === "inbound" ? "in" : "out",
      connectedAt: Date.now(),
      status: undefined,
      agent: "",
    });
    this.#count();
    // The gate let it in; others may have come in the same moment.
    if (connection.direction === "inbound" && maxInReached() && !isReserved(id)) void disconnect(id);
    else void this.#offer(id, connection);
  }

  #onGone(id: PeerId): void {
    this.#buckets.delete(id);
    const entry = this.#components.peers.remove(id);
    if (!entry) return;
    this.#count();
    this.#components.left(id, entry.status !== undefined);
  }

  async #onStream(stream: Stream, connection: Connection): Promise<void> {
    const id = connection.remotePeer.toString();
    const bucket = this.#buckets.get(id) ?? new TokenBucket(perSecond, burst, performance.now());
    this.#buckets.set(id, bucket);
    if (!bucket.take(performance.now())) {
      this.#components.report(id, "Spam");
      stream.abort(new Error("too many status messages"));
      return;
    }
    await this.#hear(id, () => answerStatus(stream, this.#exchange()));
  }

  #offer(id: PeerId, connection: Connection): Promise<void> {
    return this.#hear(id, () => offerStatus(connection, this.#options.protocol, this.#exchange()));
  }

  async #hear(id: PeerId, exchange: () => Promise<Status>): Promise<void> {
    const { peers, report, disconnect, log } = this.#components;
    try {
      const status = await exchange();
      const entry = peers.entry(id);
      if (entry) this.#heard(entry, status);
    } catch (error) {
      const misbehaviour = error instanceof StatusError ? error.misbehaviour : undefined;
      log.debug("no status of a peer", { peer: id, error });
      if (misbehaviour) report(id, misbehaviour);
      // Without a status it is no peer; one that told it before may have closed its stream for its own reasons.
      const entry = peers.entry(id);
      if (entry && !entry.status) await disconnect(id);
    }
  }

  #heard(entry: PeerEntry, status: Status): void {
    const { peers, ready, changed } = this.#components;
    const { role, best, finalized } = status;
    const before = entry.status;
    const first = peers.setStatus(entry, { role, best, finalized });
    const info = peers.info(entry.id)!; // It has just told its status.
    if (first) ready(info);
    else if (!before || !sameBlock(before.best, best) || !sameBlock(before.finalized, finalized))
      changed(info);
  }

  #tellAll(): void {
    this.#timer = undefined;
    this.#toldAt = performance.now();
    for (const { id } of this.#components.peers.ready()) {
      const connection = this.#components.libp2p
        .getConnections()
        .find(({ remotePeer, status }) => status === "open" && remotePeer.toString() === id);
      if (connection) void this.#offer(id, connection);
    }
  }

  #exchange(): ExchangeOptions {
    return { genesis: this.#options.genesis, own: this.#own, timeoutMs: this.#options.handshakeMs };
  }

  #count(): void {
    const { peers, counted } = this.#components;
    counted("in", peers.count("in"));
    counted("out", peers.count("out"));
  }
}

const sameBlock = (a: BlockRef, b: BlockRef): boolean => a.number === b.number && equalBytes(a.hash, b.hash);

/** What a peer says of itself, made safe for logs and tables. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 128);
