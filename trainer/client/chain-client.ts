/**
 * A chain seen from outside, through polkadot-api. Storage, calls and events have the types of the runtime itself,
 * because this release and the runtime are one program: nothing is generated, and nothing can drift.
 */
import type { ReadCtx } from "../../runtime/frame/ctx.ts";
import type { ApiMethod } from "../../runtime/frame/runtime-api.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { type Codec, decode, encode, type Fields, type ValuesOf } from "../../runtime/primitives/codec.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { version } from "../../runtime/version.ts";
import { Connection, orAborted } from "./connection.ts";
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
  /** Ends the wait for the first answer. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for any later answer, a restart of the node included, in ms. */
  readonly answerMs?: number;
}

export class ChainClient {
  readonly url: string;
  readonly #connection: Connection;
  readonly #answerMs: number;
  readonly #submitter: Submitter;

  private constructor(url: string, answerMs: number) {
    this.url = url;
    this.#connection = new Connection(url);
    this.#answerMs = answerMs;
    this.#submitter = new Submitter(this.#connection, (method, ...params) => this.request(method, ...params));
  }

  /** Connects to a node; a connection that is lost later is replaced by itself. @throws ChainError. */
  static async connect(
    url: string,
    { timeoutMs = 15_000, answerMs = 30_000, signal }: ConnectOptions = {},
  ): Promise<ChainClient> {
    const chain = new ChainClient(url, answerMs);
    try {
      // A client that is closed while it still begins to follow the chain would go on to do so, and fail.
      const first = Promise.all([
        chain.#connection.request<RemoteVersion>("state_getRuntimeVersion", [], timeoutMs),
        chain.#connection.reached(0, new AbortController().signal),
      ]);
      const late = AbortSignal.timeout(timeoutMs);
      const end = signal === undefined ? late : AbortSignal.any([late, signal]);
      const [remote] = await orAborted(first, end).catch((error: Error) => {
        // The question itself may be the first to give up.
        const isLate = late.aborted || (error instanceof ChainError && error.code === "Unreachable");
        throw isLate ? unreachable(url, timeoutMs) : error;
      });
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

  /**
   * Asks the node by JSON-RPC; a question that a restart of the node left open is asked again.
   * @throws ChainError `Refused` in the node's words, `Unreachable` without an answer in time.
   */
  request<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.#connection.request<T>(method, params, this.#answerMs);
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

  /** Signs a call, sends it, and resolves once it is in a block. @throws ChainError when it fails, or is not in one in time. */
  submit(signer: Signer, call: RuntimeCall, options?: SubmitOptions): Promise<Included> {
    return this.#submitter.submit(signer, call, options);
  }

  /** What a call would cost `signer`, in the smallest unit. */
  fee(signer: Signer, call: RuntimeCall): Promise<bigint> {
    return this.#submitter.fee(signer, call);
  }

  /**
   * Every finalized block from height `from` on, in order, without a gap, whatever becomes of the connection.
   * @throws ChainError `Refused` where the node no longer has a block's state.
   */
  blocks(from: number, signal: AbortSignal): AsyncGenerator<FinalBlock> {
    return blocksFrom(this, (height, stop) => this.#connection.reached(height, stop), from, signal);
  }

  close(): void {
    this.#connection.close();
  }
}

interface RemoteVersion {
  readonly specName: string;
  readonly specVersion: number;
}

const unreachable = (url: string, ms: number): ChainError =>
  new ChainError(
    "Unreachable",
    `no node answers at ${url} within ${ms / 1000} s: is it running, and is this its address?`,
  );
