/** `transaction_v1_*`: keeps a transaction in the pool until its client says stop or leaves. */
import { randomBytes } from "node:crypto";
import type { TransactionStatus } from "../pool/types.ts";
import { PerClient } from "./per-client.ts";
import { invalidParams } from "./server/error.ts";
import { call, type Methods } from "./server/method.ts";
import { hex, text } from "./server/params.ts";
import type { Services } from "./services.ts";

/** Transactions that one client may keep broadcasting; the specification asks for four. */
const maxBroadcasts = 16;

export function transactionMethods(services: Pick<Services, "pool" | "chain">): Methods {
  const broadcasts = new PerClient<() => void>((stop) => stop());
  return {
    transaction_v1_broadcast: call({ transaction: hex }, ({ transaction }, client) => {
      if (broadcasts.count(client) >= maxBroadcasts) return null;
      const id = randomBytes(12).toString("base64url");
      broadcasts.set(client, id, broadcast(services, transaction));
      return id;
    }),

    transaction_v1_stop: call({ operationId: text }, ({ operationId }, client) => {
      const stop = broadcasts.remove(client, operationId);
      if (stop === undefined) throw invalidParams("operationId is not that of a transaction being broadcast");
      stop();
      return null;
    }),
  };
}

/** Offers the transaction now, and at each new best block for as long as the pool does not hold it and it is not final. */
function broadcast({ pool, chain }: Pick<Services, "pool" | "chain">, transaction: Uint8Array): () => void {
  let outside = true;
  const onStatus = ({ type }: TransactionStatus) => {
    if (type === "finalized") stop();
    else if (type === "dropped" || type === "invalid" || type === "usurped") outside = true;
  };
  const offer = async () => {
    if (!outside) return;
    outside = false;
    const result = await pool.submit(transaction, "External", onStatus);
    // A refusal may be of the moment: an account that is yet to be funded, a pool that is full.
    if (result.type === "refused") outside = true;
  };
  // Nobody waits for a broadcast: what fails from inside is tried again with the next block.
  const again = () =>
    void offer().catch(() => {
      outside = true;
    });
  const stop = () => void chain.events.off("best", again);
  chain.events.on("best", again);
  again();
  return stop;
}
