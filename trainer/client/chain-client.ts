/**
 * A chain seen from outside, through polkadot-api. Storage, calls and events have the types of the runtime itself,
 * because this release and the runtime are one program: nothing is generated, and nothing can drift.
 */
import { createClient, type PolkadotClient } from "polkadot-api";
import { getWsProvider } from "polkadot-api/ws";
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import type { ApiMethod } from "../../runtime/frame/runtime-api.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { type Codec, decode, encode, type Fields, type ValuesOf } from "../../runtime/primitives/codec.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { version } from "../../runtime/version.ts";
import { ChainError } from "./errors.ts";
import { blocksFrom, type FinalBlock } from "./final-blocks.ts";
import type { Signer } from "./signer.ts";
import { type Included, type SubmitOptions, Submitter } from "./submitter.ts";

/** An item of a pallet's storage, as its `storage` exports it. */
interface Item<K extends readonly unknown[], T> {
  key(...keys: K): Uint8Array;
  get(ctx: ReadCtx, ...keys: K): T;
}

export interface ConnectOptions {
  /** Longest wait for the first answer, in ms. */
  readonly timeoutMs?: number;
}

export class ChainClient {
  readonly url: string;
  readonly #client: PolkadotClient;
  readonly #submitter: Submitter;

  private constructor(url: string, client: PolkadotClient) {
    this.url = url;
    this.#client = client;
    this.#submitter = new Submitter(client, (method, ...params) => this.request(method, ...params));
  }

  /** Connects to a node; a connection that is lost later comes back by itself. @throws ChainError. */
  static async connect(url: string, { timeoutMs = 15_000 }: ConnectOptions = {}): Promise<ChainClient> {
    const chain = new ChainClient(url, createClient(getWsProvider(url)));
    try {
      // A client that is closed while it still begins to follow the chain would go on to do so, and fail.
      const [remote] = await within(
        timeoutMs,
        url,
        Promise.all([
          chain.request<RemoteVersion>("state_getRuntimeVersion"),
          chain.#client.getFinalizedBlock(),
        ]),
      );
      const [ours, theirs] = [
        `${version.spec_name} ${version.spec_version}`,
        `${remote.specName} ${remote.specVersion}`,
      ];
      if (ours !== theirs)
        throw new ChainError(
          "OtherRuntime",
          `${url} runs ${theirs}, but this release is made for ${ours}: use the same release`,
        );
      return chain;
    } catch (error) {
      chain.close();
      throw error;
    }
  }

  /** Asks the node by JSON-RPC. @throws Error with the node's words. */
  request<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.#client._request<T>(method, params);
  }

  /** A storage item at a block, or at the best one. */
  async read<K extends readonly unknown[], T>(item: Item<K, T>, keys: K, at?: string): Promise<T> {
    const hex = await this.request<string | null>(
      "state_getStorage",
      toHex(item.key(...keys)),
      ...(at ? [at] : []),
    );
    const bytes = hex === null ? undefined : fromHex(hex);
    return item.get({ storage: { get: () => bytes, nextKey: () => undefined } }, ...keys);
  }

  /** The result of a function of the runtime, at a block or at the best one. */
  async call<F extends Fields, R>(
    name: string,
    { inputs, output }: Pick<ApiMethod<F, R>, "inputs" | "output">,
    values: ValuesOf<F>,
    at?: string,
  ): Promise<R> {
    const args = encode(struct("", inputs) as Codec<unknown>, values);
    const hex = await this.request<string>("state_call", name, toHex(args), ...(at ? [at] : []));
    return decode(output, fromHex(hex)!);
  }

  /** Signs a call, sends it, and resolves once it is in a block. @throws ChainError when it fails. */
  submit(signer: Signer, call: RuntimeCall, options?: SubmitOptions): Promise<Included> {
    return this.#submitter.submit(signer, call, options);
  }

  /** What a call would cost `signer`, in the smallest unit. */
  fee(signer: Signer, call: RuntimeCall): Promise<bigint> {
    return this.#submitter.fee(signer, call);
  }

  /** Every finalized block from height `from` on, in order, without a gap, whatever becomes of the connection. */
  blocks(from: number, signal: AbortSignal): AsyncGenerator<FinalBlock> {
    return blocksFrom(this, this.#client, from, signal);
  }

  close(): void {
    this.#client.destroy();
  }
}

interface RemoteVersion {
  readonly specName: string;
  readonly specVersion: number;
}

async function within<T>(ms: number, url: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new ChainError(
      "Unreachable",
      `no node answers at ${url} within ${ms / 1000} s: is it running, and is this its address?`,
    );
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
