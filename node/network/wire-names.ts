import { NetworkError } from "./errors.ts";

/** The names on the wire of one chain: nodes of another chain, or of a fork of it, share none of them. */
export interface WireNames {
  protocol(name: string): string;
  topic(name: string): string;
  /** A DNS label for discovery in the local network. */
  readonly mdns: string;
}

/** `/<genesis hex>[/<fork id>]/<name>`. */
export function wireNames(genesis: Uint8Array, forkId?: string): WireNames {
  if (genesis.length !== 32) throw new NetworkError(`a genesis hash has 32 bytes, not ${genesis.length}`);
  if (forkId !== undefined && !/^[a-z0-9-]{1,32}$/.test(forkId)) {
    throw new NetworkError(
      `the fork id "${forkId}" cannot be part of a protocol name: use up to 32 lower-case letters, digits and "-"`,
    );
  }
  const hex = Buffer.from(genesis).toString("hex");
  const prefix = forkId === undefined ? `/${hex}` : `/${hex}/${forkId}`;
  return {
    protocol: (name) => `${prefix}/${name}`,
    topic: (name) => `${prefix}/${name}/1`,
    mdns: `_mx${hex.slice(0, 12)}._udp.local`,
  };
}
