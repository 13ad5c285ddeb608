import type { Multiaddr } from "@multiformats/multiaddr";

interface ListeningComponents {
  readonly addressManager: {
    confirmObservedAddr(
      address: Multiaddr,
      options: { readonly type: "transport"; readonly ttl: number },
    ): void;
  };
  readonly transportManager: { getAddrs(): Multiaddr[] };
}

/**
 * Tells peers the public addresses that this host listens at. libp2p keeps those back until a service that asks others
 * has confirmed them; here a host with a public address is taken to be reachable there, as in Substrate.
 */
export const listening = () => (components: ListeningComponents) => ({
  /** Once the host has started. */
  confirm(): void {
    for (const address of components.transportManager.getAddrs())
      components.addressManager.confirmObservedAddr(address, {
        type: "transport",
        ttl: Number.MAX_SAFE_INTEGER,
      });
  },
});
