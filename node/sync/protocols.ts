import type { Protocol } from "../network/types.ts";

/** A request for a list is answered with at most this many headers. */
export const maxHeaders = 256;
/** Bodies that one request may name. */
export const maxBodies = 128;
/** Where an answer of several items ends: after the one that reaches this many bytes. */
export const softAnswerBytes = 1 << 20;
/** Of a state's proof in one answer; small, so that a request is quickly made up for elsewhere. */
export const stateAnswerBytes = 256 * 1024;

/** A whole body is at most 5 MiB, and one more may begin before the soft limit. */
const maxAnswerBytes = 7 << 20;

/** Headers by range, with justifications where there are some. */
export const headersProtocol: Protocol = {
  name: "headers/1",
  maxRequestBytes: 64,
  maxResponseBytes: maxAnswerBytes,
  timeoutMs: 15_000,
  idleMs: 5_000,
  perPeerPerSecond: 20,
  burst: 60,
};

/** Bodies by the hashes of their blocks. */
export const bodiesProtocol: Protocol = {
  name: "bodies/1",
  maxRequestBytes: 8 + 32 * maxBodies,
  maxResponseBytes: maxAnswerBytes,
  timeoutMs: 20_000,
  idleMs: 5_000,
  perPeerPerSecond: 40,
  burst: 120,
  concurrentPerPeer: 4,
};

/** Everything that a block's state holds between two keys, with its proof. */
export const stateProtocol: Protocol = {
  name: "state/1",
  maxRequestBytes: 4096,
  maxResponseBytes: maxAnswerBytes,
  timeoutMs: 20_000,
  idleMs: 5_000,
  perPeerPerSecond: 100,
  burst: 200,
  concurrentPerPeer: 4,
};

/** The justifications that lead from one set of finality's authorities to the next. */
export const trailProtocol: Protocol = {
  name: "trail/1",
  maxRequestBytes: 16,
  maxResponseBytes: maxAnswerBytes,
  timeoutMs: 15_000,
  idleMs: 5_000,
  perPeerPerSecond: 5,
  burst: 20,
};
