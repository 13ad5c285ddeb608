/** A chain for long plays of the whole economy: real blocks, whose calls nobody has to sign. */
import { expect } from "vitest";
import { claimItems, lotteryOf } from "../../pallets/poh/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { happened } from "../../pallets/testing/chain.ts";
import { applyExtrinsic, executeBlock, finalizeBlock, initializeBlock } from "../executive.ts";
import { extraCodec, extraOf } from "../extensions.ts";
import type { Ctx } from "../frame/ctx.ts";
import type { AnyCall } from "../frame/runtime-call.ts";
import { buildGenesis, type GenesisConfig } from "../genesis.ts";
import { runtime } from "../index.ts";
import { createInherents } from "../inherents.ts";
import { concatBytes, textBytes, toHex } from "../primitives/bytes.ts";
import { encode } from "../primitives/codec.ts";
import { u64 } from "../primitives/codec-number.ts";
import { immortal } from "../primitives/era.ts";
import { encodeSigned } from "../primitives/extrinsic.ts";
import { blake2_256 } from "../primitives/hashing.ts";
import { type Header, hashHeader } from "../primitives/header.ts";
import { type MemoryBackend, memoryBackend } from "../primitives/memory-backend.ts";
import { Overlay } from "../primitives/overlay.ts";
import { emptyRoot } from "../primitives/trie/node-writer.ts";

const firstSlot = 283_333_334;
const slotMs = 6_000n;
const anySignature = { type: "Sr25519", value: new Uint8Array(64) } as const;
/** One block in so many is executed twice. */
const replayed = 10;
const everySignatureHolds = () => true;

export type Act = readonly [who: Uint8Array, call: AnyCall];
export type Event = readonly [name: string, fields: Readonly<Record<string, unknown>>];

export interface PlayedBlock {
  readonly author: Uint8Array;
  readonly events: readonly Event[];
  /** How many of the calls were included and succeeded. */
  readonly succeeded: number;
}

/** Blocks are made in turn by those of the epoch's list. Roots are left out: tests of the executive look at them. */
export class EconomyChain {
  readonly #backend: MemoryBackend;
  readonly #salt: Uint8Array;
  #head: Header;

  private constructor(backend: MemoryBackend, head: Header, salt: Uint8Array) {
    this.#backend = backend;
    this.#head = head;
    this.#salt = salt;
  }

  static begin(genesis: GenesisConfig): EconomyChain {
    const backend = memoryBackend();
    backend.apply(buildGenesis(genesis));
    const head = {
      parentHash: new Uint8Array(32),
      number: 0,
      stateRoot: emptyRoot,
      extrinsicsRoot: emptyRoot,
      digest: [],
    };
    return new EconomyChain(backend, head, new Uint8Array(8));
  }

  /** The same chain up to here; what its blocks draw from now on depends on `seed`. */
  fork(seed: number): EconomyChain {
    const backend = memoryBackend(this.#backend.entries());
    return new EconomyChain(backend, this.#head, encode(u64, BigInt(seed)));
  }

  get number(): number {
    return this.#head.number;
  }

  /** The state after the last block. What is written to it is lost. */
  view(): Ctx {
    return runtime.context(this.#overlay());
  }

  /** Makes the next block of what may be in it. Now and then it is executed again, as whoever follows does. */
  block(acts: readonly Act[] = []): PlayedBlock {
    const storage = this.#overlay();
    const number = this.#head.number + 1;
    const slot = BigInt(firstSlot + number - 1);
    const { authorities } = lotteryOf({ storage }, slot);
    const place = number % authorities.length;
    const author = authorities[place]!.trainer;
    const digest = claimItems(author, {
      slot,
      kind: "Secondary",
      trainer_index: place,
      vrf_output: blake2_256(concatBytes(this.#salt, encode(u64, slot))),
      vrf_proof: new Uint8Array(64),
    });
    initializeBlock(storage, { ...this.#head, parentHash: hashHeader(this.#head), number, digest });
    const data: [Uint8Array, Uint8Array][] = [[textBytes("timstap0"), encode(u64, slot * slotMs)]];
    const extrinsics: Uint8Array[] = [];
    let succeeded = -1;
    for (const extrinsic of [...createInherents(storage, { data }), ...this.#signed(acts)]) {
      const result = applyExtrinsic(storage, extrinsic, everySignatureHolds);
      if (result.type === "Err") continue;
      extrinsics.push(extrinsic);
      if (result.value.type === "Ok") succeeded++;
    }
    const header = finalizeBlock(storage);
    if (number % replayed === 0) {
      const again = this.#overlay();
      executeBlock(again, { header, extrinsics }, everySignatureHolds);
      expect(again.changes()).toEqual(storage.changes());
    }
    const events = happened(runtime.context(storage)) as unknown as Event[];
    this.#backend.apply(storage.changes());
    this.#head = header;
    return { author, events, succeeded };
  }

  #overlay(): Overlay {
    return new Overlay({ ...this.#backend, root: () => emptyRoot });
  }

  #signed(acts: readonly Act[]): Uint8Array[] {
    const ctx = this.view();
    const nonces = new Map<string, number>();
    return acts.map(([who, call]) => {
      const name = toHex(who);
      const nonce = nonces.get(name) ?? system.Account.get(ctx, who).nonce;
      nonces.set(name, nonce + 1);
      const extra = encode(extraCodec, extraOf(immortal, nonce, 0n));
      return encodeSigned(
        { type: "Id", value: who },
        anySignature,
        extra,
        encode(runtime.call, call as never),
      );
    });
  }
}
