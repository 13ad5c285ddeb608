import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { claimItems } from "../../pallets/poh/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { verifyNow } from "../check-extrinsic.ts";
import {
  type ApplyExtrinsicResult,
  applyExtrinsic,
  type Block,
  finalizeBlock,
  initializeBlock,
} from "../executive.ts";
import { extraCodec, extraOf, writeImplied } from "../extensions.ts";
import { buildGenesis, type GenesisConfig } from "../genesis.ts";
import { type RuntimeCall, runtime } from "../index.ts";
import { createInherents } from "../inherents.ts";
import { textBytes } from "../primitives/bytes.ts";
import { encode } from "../primitives/codec.ts";
import { u64 } from "../primitives/codec-number.ts";
import type { Digest, DigestItem } from "../primitives/digest.ts";
import { type Era, immortal } from "../primitives/era.ts";
import { encodeSigned, signedPayload } from "../primitives/extrinsic.ts";
import { type Header, hashHeader } from "../primitives/header.ts";
import { type MemoryBackend, memoryBackend } from "../primitives/memory-backend.ts";
import { Overlay } from "../primitives/overlay.ts";
import type { SignatureCheck } from "../primitives/signature.ts";
import { emptyRoot } from "../primitives/trie/node-writer.ts";

const keyring = new Keyring({ type: "sr25519" });
export const alice = keyring.addFromUri("//Alice");
export const bob = keyring.addFromUri("//Bob");
export const charlie = keyring.addFromUri("//Charlie");

/** The slot of block 1. */
const firstSlot = 283_333_334;
const slotMs = 6000n;

/** One MAI. */
export const unit = 10n ** 12n;

const config: GenesisConfig = {
  Balances: { balances: [alice, bob].map((pair) => [pair.publicKey, 1_000_000n * unit]) },
  Sudo: { key: alice.publicKey },
};

/** Charlie makes all blocks. */
const authorship: GenesisConfig = {
  Poh: { authorities: [{ trainer: charlie.publicKey, key: charlie.publicKey, weight: 1n }] },
};

export interface BuiltBlock {
  readonly block: Block;
  readonly results: readonly ApplyExtrinsicResult[];
}

/** A chain over a state in memory; blocks are built by Charlie, six seconds apart, without proofs and seals. */
export class TestChain {
  readonly backend: MemoryBackend = memoryBackend();
  head: Header;

  constructor(genesis: GenesisConfig = config) {
    this.backend.apply(buildGenesis({ ...authorship, ...genesis }));
    this.head = {
      parentHash: new Uint8Array(32),
      number: 0,
      stateRoot: this.backend.root(new Map()),
      extrinsicsRoot: emptyRoot,
      digest: [],
    };
  }

  get hash(): Uint8Array {
    return hashHeader(this.head);
  }

  /** A view of the best state. What is written to it is lost. */
  view(): Overlay {
    return new Overlay(this.backend);
  }

  /** Begins the next block, `digest` added to its header; the inherents are to be applied first. */
  begin(digest: Digest = []): { storage: Overlay; inherents: Uint8Array[] } {
    const storage = this.view();
    initializeBlock(storage, {
      ...this.head,
      parentHash: this.hash,
      number: this.head.number + 1,
      digest: [...this.claim(), ...digest],
    });
    const now = encode(u64, this.nextTime);
    return { storage, inherents: createInherents(storage, { data: [[textBytes("timstap0"), now]] }) };
  }

  /** The time that the next block sets, in ms. */
  get nextTime(): bigint {
    return BigInt(firstSlot + this.head.number) * slotMs;
  }

  /** With what the digest of the next block begins. */
  claim(): DigestItem[] {
    return claimItems(charlie.publicKey, {
      slot: BigInt(firstSlot + this.head.number),
      kind: "Secondary",
      trainer_index: 0,
      vrf_output: new Uint8Array(32),
      vrf_proof: new Uint8Array(64),
    });
  }

  /** Builds the next block and makes it the head. */
  build(extrinsics: readonly Uint8Array[], check: SignatureCheck = verifyNow): BuiltBlock {
    const { storage, inherents } = this.begin();
    const included: Uint8Array[] = [];
    const results = [...inherents, ...extrinsics].map((extrinsic) => {
      const result = applyExtrinsic(storage, extrinsic, check);
      if (result.type === "Ok") included.push(extrinsic);
      return result;
    });
    const header = finalizeBlock(storage);
    this.backend.apply(storage.changes());
    this.head = header;
    return { block: { header, extrinsics: included }, results: results.slice(inherents.length) };
  }

  /** Signs a call as a wallet would that looks at the best block. */
  sign(
    pair: KeyringPair,
    call: RuntimeCall,
    { nonce = 0, tip = 0n, era = immortal }: { nonce?: number; tip?: bigint; era?: Era } = {},
  ): Uint8Array {
    const extra = extraOf(era, nonce, tip);
    const callBytes = encode(runtime.call, call);
    const extraBytes = encode(extraCodec, extra);
    const storage = this.view();
    // Block hashes enter the state with the block after them.
    system.BlockHash.set({ storage }, this.head.number, this.hash);
    const ctx = runtime.context(storage);
    const type = ({ sr25519: "Sr25519", ed25519: "Ed25519", ecdsa: "Ecdsa" } as const)[
      pair.type as "sr25519"
    ];
    const value = pair.sign(signedPayload(callBytes, extraBytes, (out) => writeImplied(ctx, extra, out)));
    return encodeSigned({ type: "Id", value: pair.addressRaw }, { type, value }, extraBytes, callBytes);
  }
}

export const transfer = (to: KeyringPair, value: bigint): RuntimeCall => ({
  type: "Balances",
  value: {
    type: "transfer_keep_alive",
    value: { dest: { type: "Id", value: to.addressRaw }, value },
  },
});
