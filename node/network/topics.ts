/** What may be said on a topic of gossip. */
export interface TopicLimits {
  readonly maxBytes: number;
  /** Messages that one peer may hand over on average, new or not. */
  readonly perPeerPerSecond: number;
  /** As many at once, after a rest. */
  readonly burst: number;
  /** What is published here goes to every peer at once, not only to the mesh: dearer, and one hop faster. */
  readonly flood: boolean;
}

/**
 * The topics of this chain; on the wire each is `/<genesis hex>[/<fork id>]/<name>/1`. Anything on another topic is
 * dropped unread.
 */
export const topics = {
  /** Announcements of new blocks: headers, not bodies. */
  blocks: { maxBytes: 16 * 1024, perPeerPerSecond: 20, burst: 200, flood: true },
  /** Transactions in batches. A single one may be as large as a block allows. */
  transactions: { maxBytes: 4 * 1024 * 1024, perPeerPerSecond: 100, burst: 1_000, flood: false },
  /** Votes, commits and neighbour packets of finality. */
  finality: { maxBytes: 256 * 1024, perPeerPerSecond: 400, burst: 4_000, flood: true },
} as const satisfies Record<string, TopicLimits>;

export type TopicName = keyof typeof topics;

export const topicNames = Object.keys(topics) as readonly TopicName[];
