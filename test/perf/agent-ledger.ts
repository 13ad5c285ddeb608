/** What blocks carry of an order or a task: extrinsics, their bytes, and when what happened. */
import { storage as timestamp } from "../../pallets/timestamp/index.ts";
import { extraCodec } from "../../runtime/extensions.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { fromHex } from "../../runtime/primitives/bytes.ts";
import { decodeExtrinsic } from "../../runtime/primitives/extrinsic.ts";
import type { ChainClient } from "../../trainer/client/chain-client.ts";

/** A call within an extrinsic, alone or in a batch. */
export interface Called {
  /** As `ProofOfTraining.anchor`. */
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Happened {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** By the chain's clock, in ms. */
  readonly at: number;
}

export class Ledger {
  readonly #chain: ChainClient;
  /** Height of the first block. */
  readonly #from: number;

  private constructor(chain: ChainClient, from: number) {
    this.#chain = chain;
    this.#from = from;
  }

  /** Opened at the final block of now. */
  static async open(chain: ChainClient): Promise<Ledger> {
    return new Ledger(chain, (await finalHeight(chain)) + 1);
  }

  /** How many extrinsics have a call of interest, and how many bytes they have together. */
  async count(isOfInterest: (call: Called) => boolean): Promise<{ count: number; bytes: number }> {
    let [count, bytes] = [0, 0];
    const last = await finalHeight(this.#chain);
    for (let height = this.#from; height <= last; height++) {
      const hash = await this.#chain.request<string>("chain_getBlockHash", height);
      const { block } = await this.#chain.request<{ block: { extrinsics: string[] } }>(
        "chain_getBlock",
        hash,
      );
      for (const hex of block.extrinsics) {
        const encoded = fromHex(hex)!;
        const { call } = decodeExtrinsic(encoded, runtimeCall, extraCodec);
        if (!callsIn(call).some(isOfInterest)) continue;
        count++;
        bytes += encoded.length;
      }
    }
    return { count, bytes };
  }

  /** Events since it was opened. */
  async events(): Promise<Happened[]> {
    const found: Happened[] = [];
    const last = await finalHeight(this.#chain);
    for await (const { hash, number, events } of this.#chain.blocks(
      this.#from,
      new AbortController().signal,
    )) {
      if (number > last) break;
      const at = Number(await this.#chain.read(timestamp.Now, [], hash));
      for (const { event } of events)
        found.push({
          name: `${event.type}.${event.value.type}`,
          fields: event.value.value as object as Called["fields"],
          at,
        });
      if (number === last) break;
    }
    return found;
  }
}

async function finalHeight(chain: ChainClient): Promise<number> {
  const head = await chain.request<string>("chain_getFinalizedHead");
  return Number((await chain.request<{ number: string }>("chain_getHeader", head)).number);
}

/** A call and all that it makes. */
function callsIn(value: unknown): Called[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  const { type, value: inner } = value as { type?: unknown; value?: { type?: unknown; value?: unknown } };
  const isCall = typeof type === "string" && typeof inner?.type === "string";
  const own = isCall
    ? [{ name: `${type}.${inner.type}`, fields: (inner.value ?? {}) as Called["fields"] }]
    : [];
  return [...own, ...Object.values(value).flatMap(callsIn)];
}
