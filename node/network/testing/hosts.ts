import { type Log, silentLog } from "../../log/log.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { startNetwork } from "../network.ts";
import type { NetworkOptions } from "../options.ts";
import type { Network, Status } from "../types.ts";

export const genesis: Uint8Array = new Uint8Array(32).fill(7);

export const statusAt = (number: number): Status => ({
  role: "full",
  best: { hash: new Uint8Array(32).fill(number), number },
  finalized: { hash: new Uint8Array(32), number: 0 },
});

type HostOptions = Partial<NetworkOptions> & { readonly metrics?: Metrics; readonly log?: Log };

/** Real hosts on loopback, stopped at the end of a test. */
export class Hosts {
  readonly #running: Network[] = [];

  async start({ metrics, log = silentLog, ...options }: HostOptions = {}): Promise<Network> {
    const network = await startNetwork(
      {
        genesis,
        status: statusAt(1),
        agent: "test/1",
        listen: ["/ip4/127.0.0.1/tcp/0"],
        privateAddresses: true,
        ...options,
        limits: {
          maxConnectsPerSecond: 1_000,
          connectMs: 100,
          statusMs: 50,
          handshakeMs: 2_000,
          ...options.limits,
        },
      },
      { log, ...(metrics && { metrics }) },
    );
    this.#running.push(network);
    return network;
  }

  /** Hosts that know each other, each with its own best block. */
  async connected(count: number, options: HostOptions = {}): Promise<Network[]> {
    const hosts: Network[] = [];
    for (let i = 0; i < count; i++) hosts.push(await this.start({ status: statusAt(i + 1), ...options }));
    for (const [i, host] of hosts.entries()) {
      for (const other of hosts.slice(i + 1)) await connect(host, other);
    }
    return hosts;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((network) => network.stop()));
  }
}

/** Done when both know the other's status. */
export async function connect(from: Network, to: Network): Promise<void> {
  const both = [seen(from, to.peerId), seen(to, from.peerId)];
  await from.dial(to.listenAddresses()[0]!);
  await Promise.all(both);
}

/** Done when `network` is connected with the peer. */
export const seen = (network: Network, peer: string): Promise<void> =>
  until(network, "connected", () => network.peer(peer) !== undefined);

/** Done when `network` is not connected with the peer. */
export const gone = (network: Network, peer: string): Promise<void> =>
  until(network, "disconnected", () => network.peer(peer) === undefined);

/** Done at the first event after which `holds`, or at once. */
export function until(
  network: Network,
  event: "connected" | "disconnected" | "status",
  holds: () => boolean,
): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = network.on(event, () => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}
