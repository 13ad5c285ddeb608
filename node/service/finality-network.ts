import { catchUpRequestBytes, type FinalityNetwork, maxCatchUpBytes } from "../finality/types.ts";
import type { Log } from "../log/log.ts";
import { Refusal } from "../network/errors.ts";
import type { Network, Protocol } from "../network/types.ts";

/** Votes of rounds that a voter has missed. */
const catchUpProtocol: Protocol = {
  name: "catch-up/1",
  maxRequestBytes: catchUpRequestBytes,
  maxResponseBytes: maxCatchUpBytes,
  timeoutMs: 10_000,
  idleMs: 5_000,
  perPeerPerSecond: 1,
  burst: 5,
};

/** Finality's messages over the gossip and the requests of the network. */
export function finalityNetwork(network: Network, log: Log): FinalityNetwork {
  return {
    broadcast(message) {
      network.publish("finality", message).catch((error) => log.debug("a vote did not go out", { error }));
    },
    onMessage: (handler) => network.subscribe("finality", handler),
    neighbors: () => network.peers().map(({ id }) => id),
    requestCatchUp: (peer, request) => network.request(peer, catchUpProtocol, request),
    onCatchUpRequest(handler) {
      let isOver = false;
      const answer = (request: Uint8Array, peer: { readonly id: string }): Uint8Array => {
        if (isOver) throw new Refusal("Unavailable", "voting has ended");
        try {
          return handler(request, peer.id);
        } catch (error) {
          throw new Refusal("BadRequest", (error as Error).message);
        }
      };
      network.handle(catchUpProtocol, answer).catch((error) => log.error("cannot serve votes", { error }));
      return () => {
        isOver = true;
      };
    },
    reportBadAnswer: (peer) => network.report(peer, "Invalid"),
  };
}
