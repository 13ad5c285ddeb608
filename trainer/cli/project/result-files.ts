/** Results of units, fetched from whoever agreed on them, and in words that other programs read. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { storage as drilling } from "../../../pallets/drilling/index.ts";
import type { ChainClient } from "../../client/chain-client.ts";
import { fetchResult, resultName } from "../../drilling/stored.ts";
import { DataError } from "../../engine/data/errors.ts";
import { decodeSafetensors } from "../../engine/data/safetensors.ts";
import type { Tensors } from "../../engine/tensor.ts";
import { StorageError } from "../../storage/error.ts";
import type { Store } from "../../storage/store.ts";
import { addressOf } from "../chain/account.ts";
import type { UnitHistory } from "./history.ts";

/** A unit's result, as it lies on this disk; or why it does not. */
export type Fetched =
  | { readonly path: string; readonly from: string; readonly tensors: Tensors }
  | { readonly missing: string };

/** Looks at one member after another. */
export class ResultFiles {
  readonly #chain: ChainClient;
  readonly #store: Store;
  readonly #folder: string;
  readonly #at: string;
  readonly #bases = new Map<string, Promise<string | undefined>>();

  /** Results are written into `folder`; members' addresses are those of the block `at`. */
  constructor(chain: ChainClient, store: Store, folder: string, at: string) {
    this.#chain = chain;
    this.#store = store;
    this.#folder = folder;
    this.#at = at;
  }

  /** The result that a unit's members agreed on, from any who found it. Only what has the right hash is taken. */
  async fetch({ agreed, revealed }: UnitHistory, signal: AbortSignal): Promise<Fetched> {
    if (agreed === undefined) return { missing: "it has no result" };
    const { result, trainers } = agreed;
    await mkdir(this.#folder, { recursive: true });
    const path = join(this.#folder, resultName(result));
    const others = revealed.get(Buffer.from(result).toString("hex")) ?? [];
    const tried: string[] = [];
    const members = new Map([...trainers, ...others].map((member) => [addressOf(member), member]));
    for (const [name, member] of members) {
      const base = await this.#baseOf(name, member);
      if (base === undefined) {
        tried.push(`${name} does not say where its results lie`);
        continue;
      }
      try {
        const bytes = await fetchResult(this.#store, base, result, path, signal);
        return { path, from: name, tensors: decodeSafetensors(path, bytes).tensors };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof StorageError || error instanceof DataError)) throw error;
        tried.push(`${name}: ${error.message}`);
      }
    }
    return { missing: tried.join("; ") };
  }

  #baseOf(name: string, member: Uint8Array): Promise<string | undefined> {
    const known = this.#bases.get(name) ?? this.#ask(member);
    this.#bases.set(name, known);
    return known;
  }

  async #ask(member: Uint8Array): Promise<string | undefined> {
    const chosen = await this.#chain.read(drilling.Preferences, [member], this.#at);
    return chosen?.results && new TextDecoder().decode(chosen.results);
  }
}
