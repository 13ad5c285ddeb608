/** The end of a training: its package stored, once, and what it is told to the chain. */
import { basename, join } from "node:path";
import type { Submission } from "../../pallets/proof-of-training/index.ts";
import { fromHex, textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import type { StoredFile } from "../storage/bundle.ts";
import { hashFile } from "../storage/content-hash.ts";
import { keysOfSecret, type SealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { orderFolder } from "./order-duty.ts";
import { Upload } from "./upload.ts";

/** Where a package lies, and the hash of its `proof.json`. */
export interface Stored {
  readonly hash: string;
  readonly uri: string;
  /** Of one that is sealed to the buyer: its secret key in hex, which inspectors are given. */
  readonly key?: string;
}

export const packageFolder = (agent: Agent, id: number): string => join(orderFolder(agent, id), "package");

/** Keys of the journal under which it says where an order's packages lie: of the whole proof, of a part of it. */
export const packageKeys = (id: number) =>
  ({ whole: `order/${id}/package`, part: `order/${id}/part` }) as const;

/** What is to be stored of an order. */
interface Parts {
  /** Path of its `proof.json`, and the checkpoint with which that ends. */
  readonly proof: string;
  readonly checkpoint: number;
  readonly files: readonly string[];
}

/** Names of indices. What is stored on the way has its own: taken up again after a crash, it must not replace what was handed in. */
export type IndexName = "index.json" | "anchored.json";

/** Stores files and proof, as far as they are not stored, and an index of them alone; returns its address. */
export async function storeParts(
  upload: Upload,
  { proof, checkpoint, files }: Parts,
  name: IndexName,
): Promise<string> {
  const stored: Record<string, StoredFile> = {};
  for (const path of files) stored[basename(path)] = await upload.put(path);
  // A proof grows: the one that an index names must stay while a longer one is stored.
  stored[basename(proof)] = await upload.put(proof, `proof-${checkpoint}.json`);
  return upload.index(stored, name);
}

/** Stores the files of an order's package once, and remembers where; `recipient` is the buyer's key to which it is sealed. */
export async function storePackage(
  agent: Agent,
  id: number,
  {
    part,
    recipient,
    ...parts
  }: Parts & { readonly part: "whole" | "part"; readonly recipient: Uint8Array | undefined },
  signal: AbortSignal,
): Promise<Stored> {
  const key = packageKeys(id)[part];
  const known = await agent.journal.get<Stored>(key);
  if (known !== undefined) return known;
  const upload = await Upload.open(agent, id, recipient, signal);
  const uri = await storeParts(upload, parts, "index.json");
  const sealed = upload.keys && { key: toHex(new Uint8Array(upload.keys.secretKey)) };
  const stored: Stored = { hash: await hashFile(parts.proof, signal), uri, ...sealed };
  await agent.journal.put(key, stored);
  agent.log.info("stored", { order: id, files: parts.files.length + 1, uri });
  return stored;
}

/** The key pair of the package of an order that is under inspection; undefined where it is not sealed, or not known here. */
export async function packageKeysOf(
  agent: Agent,
  id: number,
  stopped: boolean,
): Promise<SealKeys | undefined> {
  const stored = await agent.journal.get<Stored>(packageKeys(id)[stopped ? "part" : "whole"]);
  return stored?.key === undefined ? undefined : keysOfSecret(fromHex(stored.key)!);
}

/** Submits what is stored; returns the block that has it. */
export async function submitProof(agent: Agent, id: number, { hash, uri }: Stored): Promise<number> {
  const value = { hash: fromHex(hash)!, uri: textBytes(uri) };
  const block = await sendSubmission(agent, id, { type: "Proof", value });
  agent.log.info("submitted its proof", { order: id, block });
  return block;
}

/** Hands in a proof or a claim; returns the block that has it. */
export async function sendSubmission(agent: Agent, id: number, given: Submission): Promise<number> {
  const value = { type: "submit_proof", value: { order: id, package: given } } as const;
  const { block } = await agent.send({ type: "ProofOfTraining", value });
  return block.number;
}
