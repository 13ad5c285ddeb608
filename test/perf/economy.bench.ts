/** What the economy costs: its calls beside a transfer, a state full of it beside an empty one, and its bytes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../node/db/database.ts";
import { StateDb } from "../../node/state/state-db.ts";
import { keepAliveTransfer } from "../../pallets/balances/testing/benchmarks.ts";
import { benchmarks as drilling } from "../../pallets/drilling/testing/benchmarks.ts";
import { benchmarks as machines } from "../../pallets/machines/testing/benchmarks.ts";
import { benchmarks as marketplace } from "../../pallets/marketplace/testing/benchmarks.ts";
import { claimItems, lotteryOf } from "../../pallets/poh/index.ts";
import { benchmarks as proofOfTraining } from "../../pallets/proof-of-training/testing/benchmarks.ts";
import { benchmarks as referenda } from "../../pallets/referenda/testing/benchmarks.ts";
import { benchmarks as rewards } from "../../pallets/rewards/testing/benchmarks.ts";
import { benchmarks as trainerStaking } from "../../pallets/trainer-staking/testing/benchmarks.ts";
import { applyExtrinsic, executeBlock, finalizeBlock, initializeBlock } from "../../runtime/executive.ts";
import { extraCodec, extraOf } from "../../runtime/extensions.ts";
import { runtime } from "../../runtime/index.ts";
import { createInherents } from "../../runtime/inherents.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { immortal } from "../../runtime/primitives/era.ts";
import { encodeSigned } from "../../runtime/primitives/extrinsic.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import { measure } from "../../scripts/weights/measure.ts";
import { bytesTable } from "./economy-bytes.ts";
import { accountOf, busyState, type Size } from "./economy-state.ts";
import type { Row, Table } from "./table.ts";

const perBlock = 1_000;
const warmUp = 5;
const rounds = 15;
const full: Size = { trainers: 1_000, orders: 10_000, units: 100_000 };

export async function economyBench(): Promise<Table[]> {
  return [callsTable(), await blocksTable(), bytesTable()];
}

const pallets = {
  Machines: machines,
  Drilling: drilling,
  Marketplace: marketplace,
  ProofOfTraining: proofOfTraining,
  Rewards: rewards,
  Referenda: referenda,
  TrainerStaking: trainerStaking,
};

/** The dearest case of each call that has a benchmark for its weight. CPU time, the lowest tenth of many runs. */
function callsTable(): Table {
  const rows: Row[] = [];
  for (const [name, benchmarks] of Object.entries(pallets)) {
    const found = runtime.pallets.find(({ pallet }) => pallet.name === name);
    const calls = new Set(Object.keys(found?.pallet.calls ?? {}).map(camelCase));
    // Each time anew, since how busy the machine is changes.
    const transfer = measure(keepAliveTransfer, 0).ns / 1_000;
    for (const benchmark of benchmarks) {
      if (!calls.has(benchmark.weight)) continue;
      const value = measure(benchmark, benchmark.items ?? 0).ns / 1_000;
      rows.push({
        name: `${name}.${benchmark.weight}`,
        value,
        unit: "us",
        against: { name: "a transfer", value: transfer },
      });
    }
  }
  return { title: "economy, CPU of calls at their dearest", rows };
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Blocks with and without transfers on both chains in turn, so that what else the machine does meets both. */
async function blocksTable(): Promise<Table> {
  const empty = await BlockChain.open({ trainers: 1, orders: 0, units: 0 });
  const busy = await BlockChain.open(full);
  const times = { transfers: [[], []], nothing: [[], []] } as Record<"transfers" | "nothing", Times>;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const [i, chain] of [empty, busy].entries()) {
      const transfers = await chain.block(chain.transfers(round));
      const nothing = await chain.block([]);
      if (round < warmUp) continue;
      times.transfers[i]!.push(transfers);
      times.nothing[i]!.push(nothing);
    }
  }
  await empty.close();
  await busy.close();
  const row = (name: string, of: keyof typeof times, what: keyof Cost, aim?: number): Row => {
    const [beside, value] = times[of].map((costs) => median(costs.map((cost) => cost[what]))) as [
      number,
      number,
    ];
    const against = { name: "on an empty chain", value: beside };
    return { name, value, unit: "ms", against, ...(aim !== undefined && { aim: { atMost: aim } }) };
  };
  return {
    title: "economy, a block with 10,000 open orders, 1,000 trainers and 100,000 pending units in state",
    rows: [
      row("1,000 transfers, executed, with the root", "transfers", "execute", 1.2),
      row("the same, written and pruned", "transfers", "all", 1.2),
      // Less than the clock of a processor's time tells apart on an empty chain, so there is no ratio.
      {
        name: "no transactions, executed, with the root",
        value: median(times.nothing[1].map(({ execute }) => execute)),
        unit: "ms",
      },
    ],
  };
}

/** In ms of CPU of this thread. */
interface Cost {
  readonly execute: number;
  readonly all: number;
}
type Times = [empty: Cost[], busy: Cost[]];

/** A chain in a database, without signatures, seals and networks. */
class BlockChain {
  readonly #folder: string;
  readonly #database: Database;
  readonly #states: StateDb;
  #version = 0;
  #head: Header = {
    parentHash: new Uint8Array(32),
    number: 0,
    stateRoot: emptyRoot,
    extrinsicsRoot: emptyRoot,
    digest: [],
  };

  private constructor(folder: string, database: Database, states: StateDb) {
    this.#folder = folder;
    this.#database = database;
    this.#states = states;
  }

  static async open(size: Size): Promise<BlockChain> {
    const folder = mkdtempSync(join(tmpdir(), "economy-bench-"));
    const database = await Database.open(join(folder, "data"));
    const chain = new BlockChain(folder, database, await StateDb.open(database, { pruning: 4 }));
    await chain.#write(chain.#states.update(0, busyState(senders, size)));
    return chain;
  }

  /** Executes a block of these as on import, and stores what it changed. */
  async block(extrinsics: readonly Uint8Array[]): Promise<Cost> {
    const block = this.#build(extrinsics);
    const started = process.threadCpuUsage();
    const storage = new Overlay(this.#state());
    executeBlock(storage, block, known);
    const execute = msSince(started);
    const update = this.#states.update(this.#version, storage.changes());
    await this.#write(update);
    const all = msSince(started);
    this.#head = block.header;
    return { execute, all };
  }

  /** One from each account to the next. */
  transfers(nonce: number): Uint8Array[] {
    return senders.map((who, i) => {
      const dest = { type: "Id", value: senders[(i + 1) % perBlock]! } as const;
      const value = { dest, value: 10n ** 12n };
      const call = { type: "Balances", value: { type: "transfer_keep_alive", value } } as const;
      const extra = encode(extraCodec, extraOf(immortal, nonce, 0n));
      return encodeSigned({ type: "Id", value: who }, signature, extra, encode(runtime.call, call));
    });
  }

  async close(): Promise<void> {
    await this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #build(extrinsics: readonly Uint8Array[]): { header: Header; extrinsics: Uint8Array[] } {
    const storage = new Overlay(this.#state());
    const number = this.#head.number + 1;
    const slot = 283_333_333n + BigInt(number);
    const claim = {
      slot,
      kind: "Secondary",
      trainer_index: 0,
      vrf_output: new Uint8Array(32),
      vrf_proof: new Uint8Array(64),
    } as const;
    const digest = claimItems(lotteryOf({ storage }, slot).authorities[0]!.trainer, claim);
    initializeBlock(storage, { ...this.#head, number, parentHash: hashHeader(this.#head), digest });
    const data: [Uint8Array, Uint8Array][] = [[textBytes("timstap0"), encode(u64, slot * 6_000n)]];
    const all = [...createInherents(storage, { data }), ...extrinsics];
    for (const extrinsic of all) {
      const result = applyExtrinsic(storage, extrinsic, known);
      if (result.type !== "Ok" || result.value.type !== "Ok") throw new Error("a transfer failed");
    }
    return { header: finalizeBlock(storage), extrinsics: all };
  }

  #state() {
    const lookup = this.#states.view(this.#version);
    if (lookup.type !== "ok") throw new Error("the best state is missing");
    return lookup.state;
  }

  async #write(update: ReturnType<StateDb["update"]>): Promise<void> {
    const batch = this.#database.batch();
    this.#states.write(batch, update, { best: true });
    if (this.#version > 0) await this.#states.finalize(batch, this.#version);
    await this.#database.write(batch);
    this.#version = update.version;
  }
}

const senders = Array.from({ length: perBlock }, (_, i) => accountOf("sender", i));
const signature = { type: "Sr25519", value: new Uint8Array(64).fill(1) } as const;
/** Every signature has been verified before. */
const known = (): boolean => true;

function msSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1_000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
