/** `transactionWatch_v1_*`: submits a transaction and tells what becomes of it, as the JSON-RPC interface specification says. */
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import type { TransactionStatus } from "../pool/types.ts";
import { refusalText } from "./author-error.ts";
import { PerClient } from "./per-client.ts";
import { invalidParams } from "./server/error.ts";
import { call, type Methods, type Sink, subscription } from "./server/method.ts";
import { hex, text } from "./server/params.ts";
import type { Services } from "./services.ts";

export function transactionWatchMethods({ pool }: Pick<Services, "pool">): Methods {
  const open = new PerClient<Sink>(() => {});
  const watches = subscription(
    {
      subscribe: ["transactionWatch_v1_submitAndWatch"],
      unsubscribe: [],
      notification: "transactionWatch_v1_watchEvent",
    },
    { transaction: hex },
    ({ transaction }) =>
      (sink) => {
        open.set(sink.client, sink.id, sink);
        const tell = (event: WatchEvent) => {
          sink.send(event);
          if (isLast(event)) sink.close();
        };
        const onStatus = (status: TransactionStatus) => {
          const event = eventOf(status);
          if (event !== undefined) tell(event);
        };
        // The call has succeeded whatever the pool says: the specification wants bad transactions told as events.
        const submitted = pool.submit(transaction, "External", onStatus).then((result) => {
          if (result.type === "refused") tell(refusedEvent(result.error));
          return result.hash;
        });
        submitted.catch((error: unknown) => tell(failedEvent(error)));
        return () => {
          open.remove(sink.client, sink.id);
          // What was refused is watched by nobody.
          void submitted.then((hash) => pool.unwatch(hash, onStatus)).catch(() => {});
        };
      },
  );

  return {
    ...watches,
    transactionWatch_v1_unwatch: call({ subscription: text }, ({ subscription: id }, client) => {
      const sink = open.get(client, id);
      if (sink === undefined) throw invalidParams("subscription is not that of a transaction being watched");
      sink.close();
      return null;
    }),
  };
}

type Block = { readonly hash: string; readonly index: number };
type WatchEvent =
  | { readonly event: "validated" }
  | { readonly event: "bestChainBlockIncluded"; readonly block: Block | null }
  | { readonly event: "finalized"; readonly block: Block }
  | { readonly event: "error" | "invalid" | "dropped"; readonly error: string };

const isLast = ({ event }: WatchEvent): boolean =>
  event !== "validated" && event !== "bestChainBlockIncluded";

/** Undefined for what the specification has no event for. */
function eventOf(status: TransactionStatus): WatchEvent | undefined {
  switch (status.type) {
    case "future":
    case "ready":
      return { event: "validated" };
    case "broadcast":
      return undefined;
    case "inBlock":
      return { event: "bestChainBlockIncluded", block: { hash: status.block, index: status.index } };
    case "retracted":
      return { event: "bestChainBlockIncluded", block: null };
    case "finalized":
      return { event: "finalized", block: { hash: status.block, index: status.index } };
    case "finalityTimeout":
      return { event: "dropped", error: "The block with the transaction was not finalized in time" };
    case "usurped":
      return { event: "invalid", error: `Replaced by the transaction ${status.by}` };
    case "dropped":
      return { event: "dropped", error: "The pool had no room for the transaction" };
    case "invalid":
      return { event: "invalid", error: "The transaction is no longer valid" };
  }
}

/** Bytes that mean nothing are the client's mistake; anything else is the node's, whose inside is not shown. */
function failedEvent(error: unknown): WatchEvent {
  if (error instanceof CodecError) return { event: "invalid", error: error.message };
  return { event: "error", error: "The node could not judge the transaction" };
}

type Refused = Extract<Awaited<ReturnType<Services["pool"]["submit"]>>, { type: "refused" }>["error"];

function refusedEvent(error: Refused): WatchEvent {
  switch (error.code) {
    case "ImmediatelyDropped":
    case "TooLowPriority":
    case "AlreadyImported":
    case "FutureNotAccepted":
      return { event: "dropped", error: error.code };
    case "Invalid":
    case "Unknown":
      return { event: "invalid", error: refusalText(error.reason) };
    default:
      return { event: "invalid", error: error.code };
  }
}
