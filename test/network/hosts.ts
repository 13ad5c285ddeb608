/**
 * Hosts of a test network. Where the machine allows it, each is a network namespace with an address of its own on
 * a switch, whose cables the test may move; elsewhere all are ports of the loopback interface.
 */
import { execFileSync } from "node:child_process";

/** Where a node runs and how others reach it. */
export interface Host {
  /** Its address in the network of nodes. */
  readonly address: string;
  /** Its address for the test, which stays reachable whatever happens to the network. */
  readonly management: string;
  /** What stands in front of a command that is to run there. */
  readonly prefix: readonly string[];
}

export interface Hosts {
  readonly all: readonly Host[];
  /** Puts each group on a switch of its own. Hosts in no group are alone. */
  partition(groups: readonly (readonly number[])[]): void;
  /** All on one switch again. */
  heal(): void;
  close(): void;
}

const ip = (...args: string[]): string => execFileSync("ip", args, { stdio: "pipe" }).toString();

/** Whether this machine lets us make network namespaces (Linux, root, iproute2). */
export function canMakeNamespaces(): boolean {
  const name = `mxprobe${process.pid}`;
  try {
    ip("netns", "add", name);
    ip("netns", "del", name);
    return true;
  } catch {
    return false;
  }
}

/** Namespaces `mx<id>n<i>` with `10.77.<id>.<i>` in the network and `10.78.<id>.x` for the test. At most 60 hosts. */
export function namespaceHosts(count: number): Hosts {
  const id = process.pid % 250;
  const name = (kind: string, i: number | string): string => `mx${id}${kind}${i}`;
  const switches = new Set<string>();
  const ensureSwitch = (index: number): string => {
    const bridge = name("s", index);
    if (!switches.has(bridge)) {
      ip("link", "add", bridge, "type", "bridge");
      ip("link", "set", bridge, "up");
      switches.add(bridge);
    }
    return bridge;
  };
  const close = (): void => {
    for (let i = 1; i <= count; i++) quietly(() => ip("netns", "del", name("n", i)));
    for (const bridge of switches) quietly(() => ip("link", "del", bridge));
  };
  try {
    const all = Array.from({ length: count }, (_, at): Host => {
      const i = at + 1;
      const [space, address] = [name("n", i), `10.77.${id}.${i}`];
      const [ours, theirs] = [4 * i + 1, 4 * i + 2].map((last) => `10.78.${id}.${last}`) as [string, string];
      ip("netns", "add", space);
      ip("-n", space, "link", "set", "lo", "up");
      ip("link", "add", name("c", i), "type", "veth", "peer", "name", "net", "netns", space);
      ip("link", "set", name("c", i), "master", ensureSwitch(0), "up");
      ip("-n", space, "address", "add", `${address}/24`, "dev", "net");
      ip("-n", space, "link", "set", "net", "up");
      ip("link", "add", name("m", i), "type", "veth", "peer", "name", "manage", "netns", space);
      ip("address", "add", `${ours}/30`, "dev", name("m", i));
      ip("link", "set", name("m", i), "up");
      ip("-n", space, "address", "add", `${theirs}/30`, "dev", "manage");
      ip("-n", space, "link", "set", "manage", "up");
      return { address, management: theirs, prefix: ["ip", "netns", "exec", space] };
    });
    const plug = (host: number, index: number): void => {
      ip("link", "set", name("c", host + 1), "master", ensureSwitch(index));
    };
    return {
      all,
      partition(groups) {
        for (let host = 0; host < count; host++) {
          const group = groups.findIndex((members) => members.includes(host));
          plug(host, group < 0 ? groups.length + host + 1 : group + 1);
        }
      },
      heal() {
        for (let host = 0; host < count; host++) plug(host, 0);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Loopback for all: nothing can be cut. */
export const loopbackHosts = (count: number): Hosts => ({
  all: Array.from({ length: count }, () => ({ address: "127.0.0.1", management: "127.0.0.1", prefix: [] })),
  partition: () => {
    throw new Error("loopback cannot be cut: this needs network namespaces");
  },
  heal: () => undefined,
  close: () => undefined,
});

function quietly(action: () => unknown): void {
  try {
    action();
  } catch {
    // It may never have been made.
  }
}
