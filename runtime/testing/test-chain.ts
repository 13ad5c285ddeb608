import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
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
import { type Digest, preRuntime } from "../primitives/digest.ts";
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

/** One MAI. */
export const unit = 10n ** 12n;

const config: GenesisConfig = {
  Balances: { balances: [alice, bob].map((pair) => [pair.publicKey, 1_000_000n * unit]) },
  Sudo: { key: alice.publicKey },
};

export interface BuiltBlock {
  readonly block: Block;
  readonly results: readonly ApplyExtrinsicResult[];
}

/** A chain over a state in memory; blocks are built by Charlie, six seconds apart. */
export class TestChain {
  readonly backend: MemoryBackend = memoryBackend();
  head: Header;

  constructor(genesis: GenesisConfig = config) {
    this.backend.apply(buildGenesis(genesis));
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
    const slot = this.head.number + 1;
    initializeBlock(storage, {
      ...this.head,
      parentHash: this.hash,
      number: slot,
      digest: [
        preRuntime("pow_", charlie.publicKey),
        preRuntime("POHR", encode(u64, BigInt(slot))),
        ...digest,
      ],
    });
    const now = encode(u64, 1_700_000_000_000n + BigInt(slot) * 6000n);
    return { storage, inherents: createInherents(storage, { data: [[textBytes("timstap0"), now]] }) };
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
