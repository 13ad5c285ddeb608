/** `chainHead_v1_*`: follows the head of the chain and answers questions about the blocks near it. */
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { encodeHeader } from "../../../runtime/primitives/header.ts";
import type { Hash } from "../../chain/hash.ts";
import { PerClient } from "../per-client.ts";
import { type Client, call, type Methods, Reply, subscription } from "../server/method.ts";
import { flag, hex, listOf, optional, type Param, param, text } from "../server/params.ts";
import type { Services } from "../services.ts";
import { callOn } from "../states.ts";
import { storageQuery } from "../storage-query.ts";
import { hash } from "../wire.ts";
import { invalidContinue, tooManyFollows, withoutRuntime } from "./error.ts";
import { Follow } from "./follow.ts";
import type { Operation } from "./operations.ts";
import { tellStorage } from "./storage.ts";

/** Subscriptions of one connection; the specification asks for two. */
const maxFollows = 4;
/** Clients take a connection for dead after 40 seconds without a message. */
const repeatMs = 25_000;
/** Questions of one request. */
const maxItems = 1000;
/** Blocks that one request may unpin. */
const maxHashes = 10_000;

type Parts = Pick<Services, "chain" | "runtime">;

const followSubscription = text;
const limitReached = { result: "limitReached" };

export function chainHeadMethods({ chain, runtime }: Parts): Methods {
  const follows = new PerClient<Follow>(() => {});

  const follow = subscription(
    { subscribe: ["chainHead_v1_follow"], unsubscribe: [], notification: "chainHead_v1_followEvent" },
    { withRuntime: flag },
    ({ withRuntime }, client) => {
      if (follows.count(client) >= maxFollows) throw tooManyFollows(maxFollows);
      follows.reserve(client);
      return (sink) => {
        const follow = new Follow(sink, { chain, version: runtime.version }, withRuntime);
        follows.set(client, sink.id, follow);
        const stop = follow.start();
        const repeat = setInterval(() => follow.repeat(), repeatMs).unref();
        return () => {
          clearInterval(repeat);
          follows.remove(client, sink.id);
          stop();
        };
      };
    },
  );

  /** Starts an operation that tells its result after the client knows its id. */
  const start = (
    follow: Follow,
    cost: number,
    extra: Readonly<Record<string, number>>,
    work: (operation: Operation) => void | Promise<void>,
  ) => {
    const operation = follow.operations.create(cost);
    return new Reply(
      { result: "started", operationId: operation.id, ...extra },
      () => void follow.operations.run(operation, () => work(operation)),
    );
  };
  const find = (client: Client, id: string) => follows.get(client, id);

  return {
    ...follow,

    chainHead_v1_unfollow: call({ followSubscription }, (args, client) => {
      find(client, args.followSubscription)?.close();
      return null;
    }),

    chainHead_v1_header: call({ followSubscription, hash }, (args, client) => {
      const follow = find(client, args.followSubscription);
      return follow === undefined ? null : toHex(encodeHeader(follow.pinned(args.hash)));
    }),

    chainHead_v1_body: call({ followSubscription, hash }, (args, client) => {
      const follow = find(client, args.followSubscription);
      if (follow === undefined) return limitReached;
      follow.pinned(args.hash);
      if (follow.operations.room < 1) return limitReached;
      return start(follow, 1, {}, (operation) => {
        const body = chain.body(args.hash);
        if (body === undefined) operation.tell("operationInaccessible");
        else operation.tell("operationBodyDone", { value: body.map(toHex) });
      });
    }),

    chainHead_v1_call: call(
      { followSubscription, hash, function: text, callParameters: hex },
      (args, client) => {
        const follow = find(client, args.followSubscription);
        if (follow === undefined) return limitReached;
        follow.pinned(args.hash);
        if (!follow.withRuntime) throw withoutRuntime();
        if (follow.operations.room < 1) return limitReached;
        return start(follow, 1, {}, (operation) => {
          const lookup = chain.stateAt(args.hash);
          if (lookup.type !== "ok") return operation.tell("operationInaccessible");
          const output = callOn(runtime, lookup.state, args.function, args.callParameters);
          operation.tell("operationCallDone", { output: toHex(output) });
        });
      },
    ),

    chainHead_v1_storage: call(
      { followSubscription, hash, items: listOf(storageQuery, maxItems), childTrie: optional(hex) },
      (args, client) => {
        const follow = find(client, args.followSubscription);
        if (follow === undefined) return limitReached;
        follow.pinned(args.hash);
        const items = args.items.slice(0, follow.operations.room);
        const discardedItems = args.items.length - items.length;
        if (items.length === 0 && discardedItems > 0) return limitReached;
        return start(follow, items.length, { discardedItems }, (operation) => {
          const lookup = chain.stateAt(args.hash);
          if (lookup.type !== "ok") return operation.tell("operationInaccessible");
          // This chain has no child tries, so there is nothing in any of them.
          const queries = args.childTrie === undefined ? items : [];
          return tellStorage(operation, lookup.state, queries, () => chain.stateAt(args.hash).type === "ok");
        });
      },
    ),

    chainHead_v1_continue: call({ followSubscription, operationId: text }, (args, client) => {
      const operation = find(client, args.followSubscription)?.operations.get(args.operationId);
      if (operation === undefined) return null;
      if (!operation.isWaiting) throw invalidContinue();
      operation.continue();
      return null;
    }),

    chainHead_v1_stopOperation: call({ followSubscription, operationId: text }, (args, client) => {
      find(client, args.followSubscription)?.operations.get(args.operationId)?.stop();
      return null;
    }),

    chainHead_v1_unpin: call({ followSubscription, hashOrHashes }, (args, client) => {
      find(client, args.followSubscription)?.unpin(args.hashOrHashes);
      return null;
    }),
  };
}

const hashList = listOf(hash, maxHashes);
const hashOrHashes: Param<readonly Hash[]> = param((value) =>
  Array.isArray(value) ? hashList.read(value) : [hash.read(value)],
);
