import type { Connection, Stream } from "@libp2p/interface";
import { LRUCache } from "lru-cache";
import type { Log } from "../log/log.ts";
import { answerKinds, refusalKinds } from "./answer.ts";
import { deadline } from "./deadline.ts";
import { Refusal } from "./errors.ts";
import { FrameError } from "./frame-error.ts";
import { FrameReader } from "./frame-reader.ts";
import { writeFrame } from "./frame-writer.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { AnswerOutcome, Traffic } from "./traffic.ts";
import type { Misbehaviour, PeerId, PeerInfo, Protocol, RequestHandler } from "./types.ts";

export interface ResponderComponents {
  /** The peer, once it told its status. */
  whenReady(peer: PeerId, signal: AbortSignal): Promise<PeerInfo | undefined>;
  report(peer: PeerId, reason: Misbehaviour): void;
  readonly traffic: Traffic;
  readonly log: Log;
}

/** Requests of one peer. */
interface Client {
  readonly bucket: TokenBucket;
  running: number;
}

/** Answers one protocol within its limits: of size before a byte is kept, of time, of rate, and of requests at a time. */
export class Responder {
  readonly #protocol: Protocol;
  readonly #handler: RequestHandler;
  readonly #components: ResponderComponents;
  /** Kept beyond connections, so that connecting again earns nothing. */
  readonly #clients = new LRUCache<PeerId, Client>({ max: 4096 });
  #running = 0;

  constructor(protocol: Protocol, handler: RequestHandler, components: ResponderComponents) {
    this.#protocol = protocol;
    this.#handler = handler;
    this.#components = components;
  }

  /** Serves one stream to its end; never throws. */
  async serve(stream: Stream, connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString();
    const { report, traffic, log } = this.#components;
    const started = performance.now();
    const client = this.#client(peer);
    if (!client.bucket.take(started)) {
      report(peer, "Spam");
      return this.#turnAway(stream);
    }
    const { concurrentPerPeer = 4, concurrent = 32 } = this.#protocol;
    if (client.running >= concurrentPerPeer || this.#running >= concurrent) return this.#turnAway(stream);
    client.running++;
    this.#running++;
    const limit = deadline(this.#protocol.timeoutMs);
    const onClose = () => gone.abort(new Error("the stream ended"));
    const gone = new AbortController();
    stream.addEventListener("close", onClose);
    let outcome: AnswerOutcome = "Broken";
    try {
      outcome = await this.#exchange(stream, peer, AbortSignal.any([limit.signal, gone.signal]));
    } catch (error) {
      const misbehaviour = blame(error, limit.passed);
      if (misbehaviour) report(peer, misbehaviour);
      log.debug("a request was not served", { protocol: this.#protocol.name, peer, error });
      stream.abort(error as Error);
    } finally {
      limit.clear();
      stream.removeEventListener("close", onClose);
      client.running--;
      this.#running--;
      traffic.answered(this.#protocol.name, outcome, (performance.now() - started) / 1000);
    }
  }

  async #exchange(stream: Stream, peer: PeerId, signal: AbortSignal): Promise<AnswerOutcome> {
    const { maxRequestBytes: maxBytes, idleMs } = this.#protocol;
    const reader = new FrameReader(stream);
    let body: Uint8Array | undefined;
    try {
      body = await reader.read({ maxBytes, idleMs, signal });
    } finally {
      reader.release();
    }
    if (!body) throw new FrameError("Truncated", "the stream ended without a request");
    this.#components.traffic.received(body.length);
    const info = await this.#components.whenReady(peer, signal);
    if (!info) throw new Error("the peer did not tell its status");
    const limits = { idleMs, signal };
    try {
      const answer = await this.#handler(body, info, signal);
      const parts = answer instanceof Uint8Array ? [answer] : answer;
      await this.#send(stream, parts, limits);
      return "Ok";
    } catch (error) {
      if (error instanceof FrameError || signal.aborted) throw error;
      const refused = error instanceof Refusal ? error.code : "Internal";
      if (refused === "Internal")
        this.#components.log.error("cannot answer a request", { protocol: this.#protocol.name, error });
      if (refused === "BadRequest") this.#components.report(peer, "Malformed");
      const kind = refused === "Internal" ? answerKinds.internal : refusalKinds[refused];
      await writeFrame(stream, [Uint8Array.of(kind)], limits);
      await stream.close({ signal });
      return refused;
    }
  }

  // One part is held back until it is known whether another one follows it.
  async #send(
    stream: Stream,
    parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    limits: { idleMs: number; signal: AbortSignal },
  ): Promise<void> {
    const { maxResponseBytes, maxParts = 1, name } = this.#protocol;
    let held: Uint8Array | undefined;
    let count = 0;
    const write = async (kind: number, part: Uint8Array) => {
      await writeFrame(stream, [Uint8Array.of(kind), part], limits);
      this.#components.traffic.sent(part.length);
    };
    for await (const part of parts) {
      if (part.length > maxResponseBytes || ++count > maxParts)
        throw new Error(`an answer of ${name} is larger than its protocol allows`);
      if (held) await write(answerKinds.more, held);
      held = part;
    }
    await write(answerKinds.last, held ?? new Uint8Array());
    await stream.close({ signal: limits.signal });
  }

  #turnAway(stream: Stream): void {
    this.#components.traffic.answered(this.#protocol.name, "Limited", 0);
    // Written without waiting: whoever asks too often is not worth a buffer.
    try {
      stream.send(Uint8Array.of(1, 0, 0, 0, answerKinds.busy));
      void stream.close({ signal: AbortSignal.timeout(1_000) }).catch((error) => stream.abort(error));
    } catch (error) {
      stream.abort(error as Error);
    }
  }

  #client(peer: PeerId): Client {
    const known = this.#clients.get(peer);
    if (known) return known;
    const { perPeerPerSecond, burst = perPeerPerSecond } = this.#protocol;
    const client = { bucket: new TokenBucket(perPeerPerSecond, burst, performance.now()), running: 0 };
    this.#clients.set(peer, client);
    return client;
  }
}

/** What the peer did wrong, if it is to blame for the end of an exchange. */
function blame(error: unknown, passed: boolean): Misbehaviour | undefined {
  if (error instanceof FrameError) {
    if (error.code === "TooLarge") return "Oversized";
    return error.code === "Idle" || error.code === "Truncated" ? "Slow" : undefined;
  }
  return passed ? "Slow" : undefined;
}
