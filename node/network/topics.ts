/** What may be said on a topic of gossip. */
export interface TopicLimits {
  readonly maxBytes: number;
  /** Messages that one peer may hand over on average, new or not, and as many at once. */
  readonly perPeerPerSecond: number;
  readonly burst: number;
}

/**
 * The topics of this chain; on the wire each is `/<genesis hex>[/<fork id>]/<name>/1`. Anything on another topic is
 * dropped unread.
 */
export const topics = {
  /** Announcements of new blocks: headers, not bodies. */
  blocks: { maxBytes: 16 * 1024, perPeerPerSecond: 20, burst: 200 },
  /** Transactions in batches. */
  transactions: { maxBytes: 1024 * 1024, perPeerPerSecond: 50, burst: 500 },
  /** Votes, commits and neighbour packets of finality. */
  finality: { maxBytes: 256 * 1024, perPeerPerSecond: 200, burst: 2_000 },
} as const satisfies Record<string, TopicLimits>;

export type TopicName = keyof typeof topics;
