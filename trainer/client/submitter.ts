import { InvalidTxError, type PolkadotClient, type TxEventsPayload } from "polkadot-api";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { type RuntimeCall, runtime } from "../../runtime/index.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { type Connection, orAborted } from "./connection.ts";
import { ChainError } from "./errors.ts";
import { failureText } from "./failure-text.ts";
import { fateOf, finalHeight, finalInclusion, type Inclusion } from "./final-inclusion.ts";
import type { Signer } from "./signer.ts";

export interface SubmitOptions {
  /** When the promise resolves: in the best block (a reorganisation may still move it), or once that is final. */
  readonly until?: "best" | "finalized";
  readonly tip?: bigint;
  /** Longest wait for the block, in ms. */
  readonly patienceMs?: number;
}

/** Where a call came to be. */
export interface Included {
  /** Of the transaction. */
  readonly hash: string;
  readonly block: { readonly hash: string; readonly number: number };
  /** What it did, as polkadot-api decodes events. */
  readonly events: TxEventsPayload["events"];
}

type Request = <T>(method: string, ...params: unknown[]) => Promise<T>;

/** A transaction that is in no block after so long is no longer waited for. */
const usualPatience = 180_000;

/**
 * Signs and sends, counting nonces itself so that several calls of one account may be under way. Where another program of the
 * account takes the same nonce first, it signs once more, as soon as it is final that the first signature came to nothing.
 */
export class Submitter {
  readonly #connection: Connection;
  readonly #request: Request;
  readonly #nextNonce = new Map<string, number>();
  /** Nonces are taken one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, request: Request) {
    this.#connection = connection;
    this.#request = request;
  }

  async submit(
    signer: Signer,
    call: RuntimeCall,
    { until = "best", tip, patienceMs = usualPatience }: SubmitOptions = {},
  ): Promise<Included> {
    const { client, lost } = this.#connection.line;
    const late = AbortSignal.timeout(patienceMs);
    const end = AbortSignal.any([lost, late]);
    let isSent = false;
    const sending = (async () => {
      const transaction = await transactionOf(client, call);
      const from = await finalHeight(this.#request);
      const find: Find = (hash, over) => finalInclusion(this.#request, hash, from, over);
      for (;;) {
        const nonce = await this.#takeNonce(signer.address, end);
        isSent = true;
        const options = { nonce, ...(tip !== undefined && { tip }) };
        const watch = new Watch(transaction.signSubmitAndWatch(signer.polkadot, options), call, until);
        try {
          return await watch.included(find, end);
        } catch (error) {
          if (!isStale(error) || watch.hash === undefined) throw error;
          // Another program of the same account was faster, or ours is in a block and its watcher overlooked that.
          this.#nextNonce.delete(signer.address);
          const { account } = signer;
          const found = await fateOf(this.#request, watch.hash, { account, nonce }, from, end);
          if (found) return placeOf(watch.hash, call, found);
        }
      }
    })();
    try {
      return await orAborted(sending, end);
    } catch (error) {
      // Whatever was wrong, the node knows the next nonce better than we do.
      if (!(error instanceof ChainError && error.code === "Dispatch")) this.#nextNonce.delete(signer.address);
      if (!end.aborted) throw error instanceof InvalidTxError ? invalid(call, error) : error;
      const { url } = this.#connection;
      const name = nameOf(call);
      if (!isSent)
        throw new ChainError("Unreachable", `${url} went away before ${name} was sent: nothing is done`);
      const check = "look whether it is done before you send it again";
      throw lost.aborted
        ? new ChainError("Unreachable", `${url} went away after ${name} was sent: ${check}`)
        : new ChainError(
            "Pending",
            `${name} was sent and is not ${until} after ${patienceMs / 1000} s: ${check}`,
          );
    }
  }

  async fee(signer: Signer, call: RuntimeCall): Promise<bigint> {
    const { client, lost } = this.#connection.line;
    const fee = transactionOf(client, call).then((each) => each.getEstimatedFees(signer.address));
    return orAborted(fee, AbortSignal.any([lost, AbortSignal.timeout(usualPatience)])).catch((error) => {
      throw lost.aborted ? new ChainError("Unreachable", `${this.#connection.url} went away`) : error;
    });
  }

  #takeNonce(address: string, end: AbortSignal): Promise<number> {
    const taken = this.#turn.then(async () => {
      const told = await this.#request<number>("system_accountNextIndex", address);
      // An answer that came when it was no longer waited for must not leave a gap behind.
      end.throwIfAborted();
      const nonce = Math.max(told, this.#nextNonce.get(address) ?? 0);
      this.#nextNonce.set(address, nonce + 1);
      return nonce;
    });
    // Whoever asked hears of a failure; the next call asks for itself.
    this.#turn = taken.catch(() => undefined);
    return taken;
  }
}

const transactionOf = (client: PolkadotClient, call: RuntimeCall) =>
  client.getUnsafeApi().txFromCallData(encode(runtimeCall, call));

type Find = (hash: string, over: AbortSignal) => Promise<Inclusion>;
type Watched = ReturnType<Awaited<ReturnType<typeof transactionOf>>["signSubmitAndWatch"]>;

/** One signed transaction on its way. */
class Watch {
  /** Of the transaction, once it is signed. */
  hash: string | undefined;
  readonly #watched: Watched;
  readonly #call: RuntimeCall;
  readonly #until: "best" | "finalized";

  constructor(watched: Watched, call: RuntimeCall, until: "best" | "finalized") {
    this.#watched = watched;
    this.#call = call;
    this.#until = until;
  }

  /**
   * Resolves when the transaction is where it should be, or a `find` has it in a final block though its watcher has not said so;
   * rejects with what the chain says of a call that failed.
   */
  included(find: Find, end: AbortSignal): Promise<Included> {
    const settled = new AbortController();
    const over = AbortSignal.any([settled.signal, end]);
    return new Promise<Included>((resolve, reject) => {
      const look = async (hash: string) => resolve(placeOf(hash, this.#call, await find(hash, over)));
      const subscription = this.#watched.subscribe({
        next: (event) => {
          if (event.type === "signed") {
            this.hash = event.txHash;
            look(event.txHash).catch((error) => {
              // What hinders the look is no failure of the transaction: its watcher still tells, or patience ends.
              if (error instanceof ChainError && error.code === "Dispatch") reject(error);
            });
          }
          const isThere = event.type === "txBestBlocksState" && event.found;
          if (event.type !== "finalized" && !(this.#until === "best" && isThere)) return;
          if (event.ok) resolve({ hash: event.txHash, block: event.block, events: event.events });
          else reject(dispatchFailure(this.#call, event.dispatchError));
        },
        error: reject,
      });
      over.addEventListener("abort", () => queueMicrotask(() => letGo(subscription)));
    }).finally(() => settled.abort());
  }
}

/** @throws ChainError `Dispatch` of a call that failed there. */
function placeOf(hash: string, call: RuntimeCall, { block, events, failure }: Inclusion): Included {
  if (failure) throw dispatchFailure(call, failure);
  return { hash, block, events: events as unknown as Included["events"] };
}

/** Ends a watch; over a connection that is gone there is nobody to tell that it ends. */
function letGo(subscription: { unsubscribe(): void }): void {
  try {
    subscription.unsubscribe();
  } catch {
    // "Not connected": what was watched is forgotten with the connection.
  }
}

const nameOf = (call: RuntimeCall): string => `${call.type}.${call.value.type}`;

/** Whether the chain has gone past the nonce that a transaction was signed with. */
const isStale = (error: unknown): boolean =>
  error instanceof InvalidTxError && (error.error as { value?: { type?: string } }).value?.type === "Stale";

function invalid(call: RuntimeCall, { error }: InvalidTxError): ChainError {
  const why = failureText(error as { type: string; value: unknown });
  return new ChainError("Invalid", `${nameOf(call)} may not be in a block: ${why}`);
}

function dispatchFailure(
  call: RuntimeCall,
  failure: { readonly type: string; readonly value: unknown },
): ChainError {
  if (failure.type !== "Module")
    return new ChainError("Dispatch", `${nameOf(call)} failed: ${failureText(failure)}`, failure.type);
  const { type: pallet, value } = failure.value as { type: string; value: { type: string } };
  const { errors } = runtime.pallets.find(({ pallet: { name } }) => name === pallet)?.pallet.schema ?? {};
  const sentence = errors?.[value.type];
  const error = `${pallet}.${value.type}`;
  return new ChainError(
    "Dispatch",
    `${nameOf(call)} failed with ${error}${sentence ? `: ${sentence}` : ""}`,
    error,
  );
}
