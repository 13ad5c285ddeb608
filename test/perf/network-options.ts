import type { NetworkOptions } from "../../node/network/options.ts";

const none = new Uint8Array(32);

/** A host on loopback that waits to be connected with. */
export const benchNetwork = (maxIn: number): NetworkOptions => ({
  genesis: none,
  status: { role: "full", best: { hash: none, number: 0 }, finalized: { hash: none, number: 0 } },
  agent: "bench",
  listen: ["/ip4/127.0.0.1/tcp/0"],
  privateAddresses: true,
  limits: { maxIn, maxOut: 0, maxConnectsPerSecond: 1_000 },
});
