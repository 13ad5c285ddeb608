/** A node of the economy's chain, and @polkadot/api beside it: transactions, blocks on request, and what their events say. */
import "@polkadot/api/augment";
import { ApiPromise, WsProvider } from "@polkadot/api";
import type { ApiOptions, SubmittableExtrinsic } from "@polkadot/api/types";
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import type { ISubmittableResult } from "@polkadot/types/types";
import { type NodeProcess, startNode } from "../node-process.ts";
import { writeSpec } from "./chain-file.ts";
import { type ChainEvent, numberIn, readEvent, textIn } from "./events.ts";

type Tx = SubmittableExtrinsic<"promise", ISubmittableResult>;
/** Somebody signs something. */
export type Act = readonly [who: KeyringPair, tx: Tx];

/** How a transaction ended in its block. */
export interface Ended {
  /** `pallet.Error`, where dispatch failed. */
  readonly failure: string | undefined;
  readonly events: readonly ChainEvent[];
}

/** Does by itself what it sees fit, as a trainer's daemon would. */
export interface Daemon {
  /** What it wants to send in the next block. */
  duties(): Act[];
  read(event: ChainEvent): void;
}

const keyring = new Keyring({ type: "sr25519", ss58Format: 42 });
export const account = (uri: string): KeyringPair => keyring.addFromUri(uri);

export class Economy {
  readonly api: ApiPromise;
  /** Of all blocks, in their order. */
  readonly events: ChainEvent[] = [];
  readonly daemons: Daemon[] = [];
  readonly #provider: WsProvider;
  readonly #close: () => Promise<void>;
  readonly #nonces = new Map<string, number>();

  private constructor(api: ApiPromise, provider: WsProvider, close: () => Promise<void>) {
    this.api = api;
    this.#provider = provider;
    this.#close = close;
  }

  static async open(): Promise<Economy> {
    const spec = writeSpec();
    const args = ["--chain", spec.file, "--sealing", "manual", "--pruning", "archive"];
    const node: NodeProcess = await startNode(args).finally(() => spec.remove());
    const provider = new WsProvider(node.url);
    const options = { provider: provider as NonNullable<ApiOptions["provider"]>, noInitWarn: true };
    const api = await ApiPromise.create({ ...options, throwOnConnect: true });
    return new Economy(api, provider, async () => {
      await api.disconnect();
      await node.stop();
    });
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** A method that the client does not know. */
  ask<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.#provider.send<T>(method, params);
  }

  /** A call, by its names as the client has them. */
  tx(pallet: string, name: string, ...args: unknown[]): Tx {
    const call = this.api.tx[pallet]?.[name];
    if (call === undefined) throw new Error(`there is no call ${pallet}.${name}`);
    return call(...args);
  }

  /** Makes a block of these transactions and of what daemons want; tells how each of these ended. */
  async block(...acts: readonly Act[]): Promise<Ended[]> {
    const hashes: string[] = [];
    const duties = this.daemons.flatMap((daemon) => daemon.duties());
    for (const [who, tx] of [...duties, ...acts]) {
      const signed = await tx.signAsync(who, { nonce: await this.#nextNonce(who), era: 0 });
      hashes.push((await this.api.rpc.author.submitExtrinsic(signed)).toHex());
    }
    const { hash } = await this.ask<{ hash: string }>("engine_createBlock", true, true);
    const [{ block }, records] = await Promise.all([
      this.api.rpc.chain.getBlock(hash),
      this.api.query.system.events.at(hash) as unknown as Promise<EventRecord[]>,
    ]);
    const events = records.map((record) => readEvent(record, block.header.number.toNumber()));
    for (const event of events) {
      this.events.push(event);
      for (const daemon of this.daemons) daemon.read(event);
    }
    const included = block.extrinsics.map((extrinsic) => extrinsic.hash.toHex());
    const ended = hashes.map((tx) => {
      const at = included.indexOf(tx as `0x${string}`);
      if (at < 0) throw new Error(`a transaction is not in block ${block.header.number}`);
      const own = records.flatMap((record, i) =>
        record.phase.isApplyExtrinsic && record.phase.asApplyExtrinsic.toNumber() === at ? [i] : [],
      );
      return { failure: this.#failureOf(own.map((i) => records[i]!)), events: own.map((i) => events[i]!) };
    });
    const failed = ended.slice(0, duties.length).find(({ failure }) => failure !== undefined);
    if (failed) throw new Error(`a daemon's transaction failed: ${failed.failure}`);
    return ended.slice(duties.length);
  }

  /** The same for transactions that must succeed; returns the events of all of them. */
  async act(...acts: readonly Act[]): Promise<readonly ChainEvent[]> {
    const ended = await this.block(...acts);
    const failures = ended.flatMap(({ failure }) => failure ?? []);
    if (failures.length > 0) throw new Error(`failed: ${failures.join(", ")}`);
    return ended.flatMap(({ events }) => events);
  }

  /** Makes blocks until an event of this name comes that fits; returns it. */
  async until(
    name: string,
    fits: (event: ChainEvent) => boolean = () => true,
    limit = 100,
  ): Promise<ChainEvent> {
    for (let i = 0; i < limit; i++) {
      const from = this.events.length;
      await this.block();
      const found = this.events.slice(from).find((event) => event.name === name && fits(event));
      if (found) return found;
    }
    throw new Error(`no ${name} in ${limit} blocks`);
  }

  /** How one transaction fails; undefined when it does not. */
  async failure(act: Act): Promise<string | undefined> {
    return (await this.block(act))[0]?.failure;
  }

  /** All that an account has, free or not. */
  async wealthOf({ address }: KeyringPair): Promise<bigint> {
    const { free, reserved } = (await this.api.query.system.account(address)).data;
    return free.toBigInt() + reserved.toBigInt();
  }

  /** What somebody who makes no blocks gains by a story, apart from the fees of its own transactions. */
  async gainOf(who: KeyringPair, story: () => Promise<unknown>): Promise<bigint> {
    const [before, from] = [await this.wealthOf(who), this.events.length];
    await story();
    const fees = this.events.slice(from).reduce((sum, event) => {
      const isOwn =
        event.name === "TransactionPayment.TransactionFeePaid" && textIn(event, "who") === who.address;
      return isOwn ? sum + numberIn(event, "actualFee") : sum;
    }, 0n);
    return (await this.wealthOf(who)) - before + fees;
  }

  async #nextNonce({ address }: KeyringPair): Promise<number> {
    const nonce =
      this.#nonces.get(address) ?? (await this.api.rpc.system.accountNextIndex(address)).toNumber();
    this.#nonces.set(address, nonce + 1);
    return nonce;
  }

  #failureOf(records: readonly EventRecord[]): string | undefined {
    const failed = records.find(({ event }) => this.api.events.system.ExtrinsicFailed.is(event));
    if (failed === undefined) return undefined;
    const [error] = failed.event.data as unknown as [{ isModule: boolean; asModule: never }];
    if (!error.isModule) return String(error);
    const { section, name } = this.api.registry.findMetaError(error.asModule);
    return `${section}.${name}`;
  }
}
