/** `chain_*`: blocks and headers, and word of new ones. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import type { ChainEvents, ChainReader, Justification } from "../chain/types.ts";
import { FanOut } from "./fan-out.ts";
import { headerToJson } from "./header-json.ts";
import { call, type Methods, subscription } from "./server/method.ts";
import { optional, type Param, param } from "./server/params.ts";
import { blockNumber, hash } from "./wire.ts";

/** Heights that one request may name. */
const maxHeights = 1000;

export function chainMethods({ chain }: { readonly chain: ChainReader }): Methods {
  const getBlockHash = call({ height: optional(heights) }, ({ height }) => {
    if (height === undefined) return chain.best.hash;
    if (typeof height === "number") return chain.hashAt(height) ?? null;
    return height.map((each) => chain.hashAt(each) ?? null);
  });
  const getFinalizedHead = call({}, () => chain.finalized.hash);

  return {
    chain_getHeader: call({ at: optional(hash) }, ({ at }) => headerAt(chain, at ?? chain.best.hash)),

    chain_getBlock: call({ at: optional(hash) }, ({ at = chain.best.hash }) => {
      const header = headerAt(chain, at);
      const body = chain.body(at);
      if (header === null || body === undefined) return null;
      const justifications = justificationsToJson(chain.justifications(at) ?? []);
      return { block: { header, extrinsics: body.map(toHex) }, justifications };
    }),

    chain_getBlockHash: getBlockHash,
    chain_getHead: getBlockHash,
    chain_getFinalizedHead: getFinalizedHead,
    chain_getFinalisedHead: getFinalizedHead,

    ...headSubscription(chain, "best", () => chain.best.hash, {
      subscribe: ["chain_subscribeNewHead", "chain_subscribeNewHeads", "subscribe_newHead"],
      unsubscribe: ["chain_unsubscribeNewHead", "chain_unsubscribeNewHeads", "unsubscribe_newHead"],
      notification: "chain_newHead",
    }),
    ...headSubscription(chain, "imported", () => chain.best.hash, {
      subscribe: ["chain_subscribeAllHeads"],
      unsubscribe: ["chain_unsubscribeAllHeads"],
      notification: "chain_allHead",
    }),
    ...headSubscription(chain, "finalized", () => chain.finalized.hash, {
      subscribe: ["chain_subscribeFinalizedHeads", "chain_subscribeFinalisedHeads"],
      unsubscribe: ["chain_unsubscribeFinalizedHeads", "chain_unsubscribeFinalisedHeads"],
      notification: "chain_finalizedHead",
    }),
  };
}

/** Clients ask with one height or several, as numbers or hex. */
const heights: Param<number | readonly number[]> = param((value) => {
  if (!Array.isArray(value)) return blockNumber.read(value);
  if (value.length > maxHeights)
    throw new Error(`must name at most ${maxHeights} blocks, got ${value.length}`);
  return value.map((each) => blockNumber.read(each));
});

function headerAt(chain: ChainReader, at: `0x${string}`) {
  const header = chain.header(at);
  return header === undefined ? null : headerToJson(header);
}

/** polkadot-sdk writes both parts as arrays of numbers. */
function justificationsToJson(justifications: readonly Justification[]) {
  if (justifications.length === 0) return null;
  return justifications.map(([engine, proof]) => [[...Buffer.from(engine, "latin1")], [...proof]]);
}

type HeadEvent = "imported" | "best" | "finalized";

/** The head of now, then each new one. */
function headSubscription(
  chain: ChainReader,
  event: HeadEvent,
  now: () => `0x${string}`,
  names: { subscribe: readonly string[]; unsubscribe: readonly string[]; notification: string },
): Methods {
  const heads = new FanOut((send) => {
    const listener = ({ header }: ChainEvents[HeadEvent][0]) => send(headerToJson(header));
    chain.events.on(event, listener);
    return () => chain.events.off(event, listener);
  });
  return subscription(names, {}, () => (sink) => {
    sink.send(headerAt(chain, now()));
    return heads.add(sink);
  });
}
