import { TopicValidatorResult } from "@libp2p/gossipsub";
import { concatBytes } from "../../runtime/primitives/bytes.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { GossipAdmission } from "./gossip-admission.ts";
import type { GossipInternals } from "./gossip-internals.ts";
import { readGossip } from "./gossip-reader.ts";
import { overheadOf, type TopicName, topicNames, topics } from "./topics.ts";
import type { Misbehaviour, PeerId, Validator, Verdict } from "./types.ts";
import type { WireNames } from "./wire-names.ts";

export interface GossipComponents {
  readonly router: GossipInternals;
  readonly names: WireNames;
  report(peer: PeerId, reason: Misbehaviour): void;
  disconnect(peer: PeerId): void;
  readonly metrics: Metrics | undefined;
  readonly log: Log;
}

const results: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
};

/** Gossip by topic name: every message is validated before it goes on to others. */
export class Gossip {
  readonly #components: GossipComponents;
  readonly #admission: GossipAdmission;
  readonly #validators = new Map<TopicName, Validator>();

  constructor(components: GossipComponents) {
    const { router, names, report, disconnect, metrics, log } = components;
    this.#components = components;
    this.#admission = new GossipAdmission({
      names,
      report,
      limited: (topic) => metrics?.gossipMessages.inc({ topic, verdict: "limited" }),
    });
    readGossip(router, {
      admission: this.#admission,
      report,
      disconnect,
      received: (bytes) => metrics?.networkBytes.inc({ direction: "in" }, bytes),
      log,
    });
    // For every topic, as what has no validator would be forwarded unread.
    for (const topic of topicNames) {
      router.topicValidators.set(names.topic(topic), async (from, { data }) => {
        const peer = from.toString();
        return results[
          await this.#admission.pending(peer, data.length, () => this.#judge(topic, data, peer))
        ];
      });
    }
  }

  subscribe(topic: TopicName, validate: Validator): () => void {
    const { router, names } = this.#components;
    if (this.#validators.has(topic)) throw new Error(`the topic ${topic} has its subscriber already`);
    this.#validators.set(topic, validate);
    router.subscribe(names.topic(topic));
    return () => {
      if (!this.#validators.delete(topic)) return;
      router.unsubscribe(names.topic(topic));
    };
  }

  async publish(topic: TopicName, bytes: Uint8Array): Promise<number> {
    const { router, names, metrics } = this.#components;
    const { maxBytes, flood } = topics[topic];
    if (bytes.length === 0 || bytes.length > maxBytes)
      throw new Error(`a message of ${bytes.length} bytes for ${topic}; 1 to ${maxBytes} are allowed`);
    const chance = crypto.getRandomValues(new Uint8Array(overheadOf(topic)));
    const message = concatBytes(chance, bytes);
    const { recipients } = await router.publish(names.topic(topic), message, { floodPublish: flood });
    metrics?.gossipMessages.inc({ topic, verdict: "published" });
    metrics?.networkBytes.inc({ direction: "out" }, bytes.length * recipients.length);
    return recipients.length;
  }

  async #judge(topic: TopicName, data: Uint8Array, peer: PeerId): Promise<Verdict> {
    const { report, metrics, log } = this.#components;
    const validate = this.#validators.get(topic);
    if (!validate) return "ignore";
    let verdict: Verdict;
    try {
      verdict = await validate(data.subarray(overheadOf(topic)), peer);
    } catch (error) {
      log.error("a validator of gossip failed", { topic, error });
      verdict = "ignore";
    }
    metrics?.gossipMessages.inc({ topic, verdict });
    if (verdict === "reject") report(peer, "Invalid");
    return verdict;
  }
}
