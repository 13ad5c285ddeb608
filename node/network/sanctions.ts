import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { BanList } from "./ban-list.ts";
import { costs } from "./costs.ts";
import type { Reputation } from "./reputation.ts";
import type { Misbehaviour, PeerId } from "./types.ts";

/** Nodes of other chains are not enemies: they may be of this one after a new start. */
const foreignBanMs = 10 * 60_000;

export interface SanctionsComponents {
  readonly reputation: Reputation;
  readonly bans: BanList;
  isReserved(peer: PeerId): boolean;
  disconnect(peer: PeerId): void;
  /** Forgets where the peer is. */
  drop(peer: PeerId): void;
  readonly metrics: Metrics | undefined;
  readonly log: Log;
}

/** What follows from misbehaviour: a loss of reputation, and at length a ban. Reserved peers are never banned. */
export class Sanctions {
  readonly #banMs: number;
  readonly #components: SanctionsComponents;

  constructor(banMs: number, components: SanctionsComponents) {
    this.#banMs = banMs;
    this.#components = components;
  }

  report(peer: PeerId, reason: Misbehaviour, cost: number = costs[reason]): void {
    const { reputation, bans, metrics, log } = this.#components;
    if (bans.isBanned(peer)) return;
    metrics?.peerReports.inc({ reason });
    log.debug("a peer misbehaved", { peer, reason, cost });
    if (!reputation.lower(peer, cost)) return;
    if (this.#components.isReserved(peer)) {
      if (reason === "Foreign") this.#components.disconnect(peer);
      return;
    }
    reputation.forget(peer);
    const banMs = reason === "Foreign" ? foreignBanMs : this.#banMs;
    bans.add(peer, banMs);
    metrics?.peerBans.inc();
    if (reason === "Foreign") {
      log.debug("a peer is on another chain", { peer });
      this.#components.drop(peer);
    } else {
      log.info("banned a peer", { peer, reason, minutes: Math.round(banMs / 60_000) });
    }
    this.#components.disconnect(peer);
  }
}
