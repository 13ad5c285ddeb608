/** What may be said on a topic of gossip. */
export interface TopicLimits {
  readonly maxBytes: number;
  /** Messages that one peer may hand over on average, new or not. */
  readonly perPeerPerSecond: number;
  /** As many at once, after a rest. */
  readonly burst: number;
  /** What is published here goes to every peer at once, not only to the mesh: dearer, and one hop faster. */
  readonly flood: boolean;
  /**
   * The same content may be published again, also by others: bytes of chance in front tell one time from another. The
   * validator, which does not see them, ignores what it knows; elsewhere gossip itself drops it for a minute.
   */
  readonly repeats: boolean;
}

/**
 * The topics of this chain; on the wire each is `/<genesis hex>[/<fork id>]/<name>/1`. Anything on another topic is
 * dropped unread.
 */
export const topics = {
  /**
   * Announcements of new blocks: headers, not bodies. That of an epoch's first block names the trainers and the voters,
   * some 110 kB where there are a thousand of each.
   */
  blocks: { maxBytes: 256 * 1024, perPeerPerSecond: 20, burst: 200, flood: true, repeats: false },
  /**
   * Transactions in batches. A single one may be as large as a block allows (3.75 MiB); gossipsub sends no more than
   * 4 MiB at a time, what goes beside the message included.
   */
  transactions: {
    maxBytes: 4_000_000,
    perPeerPerSecond: 100,
    burst: 1_000,
    flood: false,
    repeats: false,
  },
  /** Votes, commits, and neighbour packets, which are the same from all who are equally far. */
  finality: { maxBytes: 256 * 1024, perPeerPerSecond: 400, burst: 4_000, flood: true, repeats: true },
} as const satisfies Record<string, TopicLimits>;

/** In front of the messages of a topic that repeats. */
export const chanceBytes = 8;

/** Bytes of a message that are not the publisher's. */
export const overheadOf = (topic: TopicName): number => (topics[topic].repeats ? chanceBytes : 0);

export type TopicName = keyof typeof topics;

export const topicNames = Object.keys(topics) as readonly TopicName[];
