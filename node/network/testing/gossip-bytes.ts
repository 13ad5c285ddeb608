import { RPC } from "@libp2p/gossipsub/message";

/** Gossip as it is on the wire, without the length in front: messages, and topics to subscribe to. */
export const gossipRpc = (
  messages: readonly { readonly topic: string; readonly data: Uint8Array }[],
  subscribe: readonly string[] = [],
): Uint8Array =>
  RPC.encode({
    subscriptions: subscribe.map((topic) => ({ subscribe: true, topic })),
    messages: messages.map((message) => ({ ...message })),
  });
