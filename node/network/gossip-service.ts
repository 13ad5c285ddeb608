import { type GossipSub, gossipsub, StrictNoSign } from "@libp2p/gossipsub";
import { createTopicScoreParams } from "@libp2p/gossipsub/score";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { topicNames, topics } from "./topics.ts";
import type { PeerId } from "./types.ts";
import type { WireNames } from "./wire-names.ts";

/** Messages on their way to a peer that does not read; with more, its stream ends, and with it the connection. */
const maxOutboundBytes = 32 << 20;

/** The largest message, with room for what goes beside it. */
const maxRpcBytes = Math.max(...topicNames.map((name) => topics[name].maxBytes)) + (1 << 20);

/**
 * Gossipsub as this chain uses it. Messages carry no signature and no origin: what they hold is signed by those it
 * concerns, and so the same content has the same id, whoever tells it first (decision 041).
 */
export function gossipService(names: WireNames, reputationOf: (peer: PeerId) => number) {
  const wireTopics = topicNames.map((name) => names.topic(name));
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ topic, data }) => blake2_256(concatBytes(textBytes(topic), data)).subarray(0, 20),
    allowedTopics: wireTopics,
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    batchPublish: true,
    floodPublish: false,
    doPX: false,
    seenTTL: 60_000,
    maxInboundDataLength: maxRpcBytes,
    maxOutboundBufferSize: maxOutboundBytes,
    maxInboundStreams: 3,
    maxTopicBytesPerPeer: 32 * 1024,
    decodeRpcLimits: {
      maxSubscriptions: 32,
      maxMessages: 1024,
      maxIhaveMessageIDs: 5000,
      maxIwantMessageIDs: 5000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 128,
      maxPeerInfos: 0,
    },
    scoreParams: {
      appSpecificScore: reputationOf,
      appSpecificWeight: 1,
      // Nodes behind one address are bounded by the limit of connections for each address.
      IPColocationFactorWeight: 0,
      topics: Object.fromEntries(wireTopics.map((topic) => [topic, topicScore])),
    },
  }) as (components: Parameters<ReturnType<typeof gossipsub>>[0]) => GossipSub;
}

/**
 * Good messages count for a peer and bad ones against it. How many messages a mesh must deliver is not scored: here an
 * honest hour may have none.
 */
const topicScore = createTopicScoreParams({
  topicWeight: 1,
  timeInMeshWeight: 0.01,
  timeInMeshQuantum: 1_000,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 0.1,
  firstMessageDeliveriesDecay: 0.98,
  firstMessageDeliveriesCap: 50,
  meshMessageDeliveriesWeight: 0,
  meshFailurePenaltyWeight: 0,
  invalidMessageDeliveriesWeight: -10,
  invalidMessageDeliveriesDecay: 0.99,
});
