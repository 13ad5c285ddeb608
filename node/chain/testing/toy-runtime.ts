import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import { type Header, hashHeader } from "../../../runtime/primitives/header.ts";
import { keyText, textKey } from "../../../runtime/primitives/key-text.ts";
import { Overlay } from "../../../runtime/primitives/overlay.ts";
import type { Changes } from "../../../runtime/primitives/storage.ts";
import { emptyRoot } from "../../../runtime/primitives/trie/node-writer.ts";
import { SignatureChecks } from "../../verify/signature-checks.ts";
import type { Chain, ChainComponents } from "../chain.ts";
import { bytesToHash, type Hash } from "../hash.ts";
import type { ConsensusRules, ExecuteBlock } from "../rules.ts";
import type { Block } from "../types.ts";

/** An extrinsic that sets one key: a length, the key (1 byte), the value. An empty value deletes the key. */
export const put = (key: number, value: string): Uint8Array => {
  const bytes = Buffer.from(value);
  return Uint8Array.of((bytes.length + 1) << 2, key, ...bytes);
};

function run(storage: Overlay, extrinsics: readonly Uint8Array[]): void {
  for (const extrinsic of extrinsics) {
    const [key, value] = [extrinsic.slice(1, 2), extrinsic.slice(2)];
    if (value.length === 0) storage.delete(key);
    else storage.set(key, value);
  }
}

/** The rules of a chain whose state is whatever its extrinsics put there. */
export const executeToy: ExecuteBlock = (storage, { header, extrinsics }) => {
  run(storage, extrinsics);
  if (!equalBytes(storage.root(), header.stateRoot)) throw new Error("the state root differs");
};

export const anyAuthor: ConsensusRules = { checkHeader: () => undefined, weightOf: () => 0 };

export const toyGenesis: Changes = new Map([[keyText(Uint8Array.of(0)), Buffer.from("genesis")]]);

export const toyParts = (
  parts: Pick<ChainComponents, "database" | "states" | "finality"> & Partial<ChainComponents>,
): ChainComponents => ({
  execute: executeToy,
  consensus: anyAuthor,
  signatures: new SignatureChecks({ verify: async () => true }),
  ...parts,
});

/** A block on `parent` with the root that its extrinsics lead to; `salt` only makes another hash. */
export function buildToy(chain: Chain, parent: Hash, extrinsics: readonly Uint8Array[], salt = 0): Block {
  const lookup = chain.stateAt(parent);
  if (lookup.type !== "ok") throw new Error(`the state of ${parent} is ${lookup.type}`);
  const storage = new Overlay(lookup.state);
  run(storage, extrinsics);
  const header: Header = {
    parentHash: Buffer.from(parent.slice(2), "hex"),
    number: chain.header(parent)!.number + 1,
    stateRoot: storage.root(),
    extrinsicsRoot: emptyRoot,
    digest: [{ type: "Other", value: Uint8Array.of(salt & 255, salt >> 8) }],
  };
  return { header, extrinsics };
}

export const hashOf = (block: Block): Hash => bytesToHash(hashHeader(block.header));

/** Everything a state holds, as text. */
export function contentOf(chain: Chain, hash: Hash): Record<string, string> | "unknown" | "discarded" {
  const lookup = chain.stateAt(hash);
  if (lookup.type !== "ok") return lookup.type;
  const content: Record<string, string> = {};
  for (let key = textKey("\0"); ; ) {
    const value = lookup.state.get(key);
    if (value) content[key[0]!] = Buffer.from(value).toString();
    const next = lookup.state.nextKey(key);
    if (!next) return content;
    key = next;
  }
}
