import { InvalidTxError, type PolkadotClient, type TxEventsPayload } from "polkadot-api";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { type RuntimeCall, runtime } from "../../runtime/index.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { ChainError } from "./errors.ts";
import type { Signer } from "./signer.ts";

export interface SubmitOptions {
  /** When the promise resolves: in the best block (a reorganisation may still move it), or once that is final. */
  readonly until?: "best" | "finalized";
  readonly tip?: bigint;
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

/** Signs and sends, counting nonces itself so that several calls of one account may be under way. */
export class Submitter {
  readonly #client: PolkadotClient;
  readonly #request: Request;
  readonly #nextNonce = new Map<string, number>();
  /** Nonces are taken one after another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(client: PolkadotClient, request: Request) {
    this.#client = client;
    this.#request = request;
  }

  async submit(
    signer: Signer,
    call: RuntimeCall,
    { until = "best", tip }: SubmitOptions = {},
  ): Promise<Included> {
    const transaction = await this.#transaction(call);
    const nonce = await this.#takeNonce(signer.address);
    const options = { nonce, ...(tip !== undefined && { tip }) };
    return new Promise((resolve, reject) => {
      const subscription = transaction.signSubmitAndWatch(signer.polkadot, options).subscribe({
        next: (event) => {
          const isThere = event.type === "txBestBlocksState" && event.found;
          if (event.type !== "finalized" && !(until === "best" && isThere)) return;
          queueMicrotask(() => subscription.unsubscribe());
          if (event.ok) resolve({ hash: event.txHash, block: event.block, events: event.events });
          else reject(dispatchFailure(call, event.dispatchError));
        },
        error: (error: unknown) => {
          // Whatever was wrong, the node knows the next nonce better than we do.
          this.#nextNonce.delete(signer.address);
          reject(error instanceof InvalidTxError ? invalid(call, error) : error);
        },
      });
    });
  }

  async fee(signer: Signer, call: RuntimeCall): Promise<bigint> {
    return (await this.#transaction(call)).getEstimatedFees(signer.address);
  }

  #transaction(call: RuntimeCall) {
    return this.#client.getUnsafeApi().txFromCallData(encode(runtimeCall, call));
  }

  #takeNonce(address: string): Promise<number> {
    const taken = this.#turn.then(async () => {
      const told = await this.#request<number>("system_accountNextIndex", address);
      const nonce = Math.max(told, this.#nextNonce.get(address) ?? 0);
      this.#nextNonce.set(address, nonce + 1);
      return nonce;
    });
    this.#turn = taken.catch(() => undefined);
    return taken;
  }
}

const nameOf = (call: RuntimeCall): string => `${call.type}.${call.value.type}`;

function invalid(call: RuntimeCall, { error }: InvalidTxError): ChainError {
  const { type, value } = error as { type: string; value: { type: string } };
  return new ChainError("Invalid", `${nameOf(call)} may not be in a block: ${type} ${value.type}`);
}

function dispatchFailure(
  call: RuntimeCall,
  failure: { readonly type: string; readonly value: unknown },
): ChainError {
  if (failure.type !== "Module")
    return new ChainError("Dispatch", `${nameOf(call)} failed: ${plain(failure)}`, failure.type);
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

const plain = ({ type, value }: { readonly type: string; readonly value: unknown }): string => {
  const inner = (value as { type?: string } | undefined)?.type;
  return inner === undefined ? type : `${type} ${inner}`;
};
