import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { StorageError } from "./error.ts";

/**
 * Strangers' addresses are fetched by our machine, so they must not reach what only our machine can see: loopback,
 * private networks, link-local (cloud metadata), multicast and reserved ranges (RFC 6890).
 */
const inner = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  inner.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  inner.addSubnet(net, bits, "ipv6");

const isPublic = (ip: string): boolean => !inner.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4");

/** Whether an IP address is one that only machines nearby can see. */
export const isInner = (ip: string): boolean => !isPublic(ip);

/** Refuses a host that is written as an inner address; names are checked by {@link publicLookup}. */
export function refuseInner(host: string): void {
  const bare = host.replace(/^\[|\]$/g, "");
  if (isIP(bare) !== 0 && !isPublic(bare)) throw innerAddress(host);
}

/** A lookup that gives public addresses alone, at the moment of connecting: a name cannot change in between. */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every((a) => isPublic(a.address)))
      return callback(innerAddress(host), "", 0);
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};

const innerAddress = (host: string) =>
  new StorageError("Forbidden", `${host} is an address inside this network; only public ones are fetched`);
