import { claimItems } from "../../pallets/poh/index.ts";
import {
  applyExtrinsic,
  executeBlock,
  finalizeBlock,
  initializeBlock,
  validateTransaction,
} from "../../runtime/executive.ts";
import { extraCodec, extraOf } from "../../runtime/extensions.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { type RuntimeCall, runtime } from "../../runtime/index.ts";
import { createInherents } from "../../runtime/inherents.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { immortal } from "../../runtime/primitives/era.ts";
import { encodeSigned } from "../../runtime/primitives/extrinsic.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { SignatureCheck } from "../../runtime/primitives/signature.ts";
import type { Backend, Changes } from "../../runtime/primitives/storage.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import type { Table } from "./table.ts";

const perBlock = 1000;
const rounds = 12;
const warmUp = 4;

/**
 * What the rules alone cost per `transfer_keep_alive` between existing accounts, one per sender, 1,000 per
 * block: validated, built into a block, executed again as on import. Signatures count as known, the root of
 * the state is left to the state benchmark. CPU time of the process, medians over blocks.
 */
export function runtimeBench(): Table {
  const chain = new BenchChain();
  const validate: number[] = [];
  const build: number[] = [];
  const execute: number[] = [];
  for (let round = 0; round < rounds + warmUp; round++) {
    const extrinsics = chain.transfers(round);
    const times = [
      cpuUs(() => chain.validate(extrinsics)),
      cpuUs(() => chain.build(extrinsics)),
      cpuUs(() => chain.execute()),
    ];
    if (round < warmUp) continue;
    for (const [i, list] of [validate, build, execute].entries()) list.push(times[i]! / perBlock);
  }
  const [v, b, x] = [validate, build, execute].map(median) as [number, number, number];
  return {
    title: "runtime, per transfer without signature and root",
    rows: [
      { name: "validate", value: v, unit: "us" },
      { name: "build", value: b, unit: "us" },
      { name: "execute", value: x, unit: "us" },
      { name: "all three", value: v + b + x, unit: "us", aim: { atMost: 150 } },
    ],
  };
}

/** Every signature has been verified before. */
const known: SignatureCheck = () => true;

class BenchChain {
  readonly #state = new FlatState();
  readonly #accounts = Array.from({ length: perBlock }, (_, i) => blake2_256(encode(u64, BigInt(i))));
  #head: Header = {
    parentHash: new Uint8Array(32),
    number: 0,
    stateRoot: emptyRoot,
    extrinsicsRoot: emptyRoot,
    digest: [],
  };
  #block: { header: Header; extrinsics: Uint8Array[]; changes: Changes } | undefined;

  constructor() {
    const balances = this.#accounts.map((who) => [who, 10n ** 18n] as const);
    const author = this.#accounts[0]!;
    const authorities = [{ trainer: author, key: author, weight: 1n }];
    this.#state.apply(buildGenesis({ Balances: { balances }, Poh: { authorities } }));
  }

  /** One from each account to the next. */
  transfers(nonce: number): Uint8Array[] {
    return this.#accounts.map((who, i) => {
      const dest = { type: "Id", value: this.#accounts[(i + 1) % perBlock]! } as const;
      const call: RuntimeCall = {
        type: "Balances",
        value: { type: "transfer_keep_alive", value: { dest, value: 10n ** 12n } },
      };
      const extra = extraOf(immortal, nonce, 0n);
      const signature = { type: "Sr25519", value: new Uint8Array(64).fill(1) } as const;
      return encodeSigned(
        { type: "Id", value: who },
        signature,
        encode(extraCodec, extra),
        encode(runtime.call, call),
      );
    });
  }

  validate(extrinsics: readonly Uint8Array[]): void {
    const storage = new Overlay(this.#state);
    const hash = hashHeader(this.#head);
    for (const extrinsic of extrinsics) {
      const { type } = validateTransaction(storage, "External", extrinsic, hash, known);
      if (type !== "Ok") throw new Error("a transfer is not valid");
    }
  }

  build(extrinsics: readonly Uint8Array[]): void {
    const storage = new Overlay(this.#state);
    const number = this.#head.number + 1;
    const slot = 283_333_333n + BigInt(number);
    const digest = claimItems(this.#accounts[0]!, {
      slot,
      kind: "Secondary",
      trainer_index: 0,
      vrf_output: new Uint8Array(32),
      vrf_proof: new Uint8Array(64),
    });
    initializeBlock(storage, { ...this.#head, number, parentHash: hashHeader(this.#head), digest });
    const now = encode(u64, slot * 6000n);
    const inherents = createInherents(storage, { data: [[textBytes("timstap0"), now]] });
    const all = [...inherents, ...extrinsics];
    for (const extrinsic of all) {
      const result = applyExtrinsic(storage, extrinsic, known);
      if (result.type !== "Ok" || result.value.type !== "Ok") throw new Error("a transfer failed");
    }
    const header = finalizeBlock(storage);
    this.#block = { header, extrinsics: all, changes: storage.changes() };
  }

  execute(): void {
    const { header, extrinsics, changes } = this.#block!;
    executeBlock(new Overlay(this.#state), { header, extrinsics }, known);
    this.#state.apply(changes);
    this.#head = header;
  }
}

/** One look-up per read, as the node has at its best block; the root always looks the same. */
class FlatState implements Backend {
  readonly #entries = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(keyText(key));
  }

  nextKey(): Uint8Array | undefined {
    return undefined;
  }

  root(): Uint8Array {
    return emptyRoot;
  }

  apply(changes: Changes): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
  }
}

function cpuUs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
