/** What strangers may take of the node; polkadot-sdk's defaults where it has one. */
export interface Limits {
  readonly maxConnections: number;
  readonly maxSubscriptionsPerConnection: number;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly maxBatch: number;
  /** Unfinished calls of one WebSocket connection. */
  readonly maxInFlight: number;
  /** With more than this unread by its client, a connection's requests wait. */
  readonly pauseBytes: number;
  /** With more than this unread by its client when a notification is due, a connection is closed. */
  readonly maxBufferedBytes: number;
  /** Calls a minute of one connection; undefined for no limit. */
  readonly callsPerMinute: number | undefined;
}

const mebibyte = 1024 * 1024;

export const standardLimits: Limits = {
  maxConnections: 100,
  maxSubscriptionsPerConnection: 1024,
  maxRequestBytes: 15 * mebibyte,
  maxResponseBytes: 15 * mebibyte,
  maxBatch: 1000,
  maxInFlight: 64,
  pauseBytes: mebibyte,
  // Above one answer of the largest size on top of what pauses, so that reading it slowly is no offence.
  maxBufferedBytes: 17 * mebibyte,
  callsPerMinute: undefined,
};
