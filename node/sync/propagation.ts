/** Carries transactions between pools: what ours took goes out in batches, what others send is judged by our pool first. */
import { LRUCache } from "lru-cache";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import { type Log, silentLog } from "../log/log.ts";
import type { Network, PeerId, Verdict } from "../network/types.ts";
import type { RuntimeRefusal } from "../pool/runtime-validator.ts";
import type { PoolApi, PoolTransaction } from "../pool/types.ts";
import { decodeTransactions } from "./messages.ts";
import { TransactionSender } from "./transaction-sender.ts";

export interface PropagationComponents {
  readonly pool: PoolApi<RuntimeRefusal>;
  readonly network: Pick<Network, "subscribe" | "publish" | "peers">;
  /** While it is so, our state is too old to judge anything. */
  readonly isMajorSyncing: () => boolean;
  readonly log?: Log;
}

/** Bytes of batches of others that wait for our pool; what comes beyond is dropped. */
const maxWaitingBytes = 16 << 20;
/** Transactions that were sent, or came from others: about a hundred bytes each. */
const rememberedTransactions = 65_536;

/** Returns how to end it. */
export function startPropagation(parts: PropagationComponents): () => void {
  const { pool, network, isMajorSyncing } = parts;
  const known = new LRUCache<Hash, true>({ max: rememberedTransactions });
  const sender = new TransactionSender(parts);
  const onReady = (transaction: PoolTransaction): void => {
    if (!transaction.propagate || known.has(transaction.hash)) return;
    known.set(transaction.hash, true);
    sender.add(transaction);
  };
  let waitingBytes = 0;
  const onBatch = async (bytes: Uint8Array, peer: PeerId): Promise<Verdict> => {
    if (isMajorSyncing() || waitingBytes + bytes.length > maxWaitingBytes) return "ignore";
    const batch = read(bytes);
    if (!batch || batch.length === 0) return "reject";
    waitingBytes += bytes.length;
    try {
      return await judgeBatch(parts, known, batch, peer);
    } finally {
      waitingBytes -= bytes.length;
    }
  };
  pool.events.on("ready", onReady);
  const leave = network.subscribe("transactions", onBatch);
  return () => {
    leave();
    pool.events.off("ready", onReady);
    sender.close();
  };
}

/** Offers a batch of others to our pool, and says whether it may go on to more peers. */
async function judgeBatch(
  { pool, log = silentLog }: PropagationComponents,
  known: LRUCache<Hash, true>,
  batch: readonly Uint8Array[],
  peer: PeerId,
): Promise<Verdict> {
  const fresh = new Map<Hash, Uint8Array>();
  for (const bytes of batch) {
    const hash = bytesToHash(blake2_256(bytes));
    if (!known.has(hash) && !pool.get(hash)) fresh.set(hash, bytes);
  }
  const outcomes = await Promise.all(
    Array.from(fresh, async ([hash, bytes]) => {
      // Before it is offered, or it would be sent as ours when it is ready.
      known.set(hash, true);
      const outcome = await offer(pool, bytes);
      // What our state is against may be right a block later, and come again.
      if (outcome === "stale") known.delete(hash);
      return outcome;
    }),
  );
  const count = (outcome: Outcome) => outcomes.filter((one) => one === outcome).length;
  if (count("forged") > 0) {
    log.debug("a peer sent forged transactions", { peer, count: count("forged") });
    return "reject";
  }
  // Some go stale on the way; a batch of little else is not worth anybody's time.
  const taken = count("taken");
  return taken > 0 && taken >= count("stale") ? "accept" : "ignore";
}

type Outcome =
  | "taken"
  | "known"
  /** Refused for the state that we are in, or for want of room. */
  | "stale"
  /** No honest node took it: it means nothing, or its signature is wrong. */
  | "forged";

async function offer(pool: PoolApi<RuntimeRefusal>, bytes: Uint8Array): Promise<Outcome> {
  try {
    const result = await pool.submit(bytes, "External");
    if (result.type === "accepted") return "taken";
    const { error } = result;
    if (error.code === "AlreadyImported" || error.code === "TemporarilyBanned") return "known";
    return error.code === "Invalid" && error.reason.type === "BadProof" ? "forged" : "stale";
  } catch (error) {
    if (error instanceof CodecError) return "forged";
    throw error;
  }
}

function read(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return decodeTransactions(bytes);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}
