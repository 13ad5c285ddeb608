import { withoutSeal } from "../../runtime/primitives/header.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { DatabaseError } from "../db/errors.ts";
import type { SignatureChecks } from "../verify/signature-checks.ts";
import type { ConsensusRules, ExecuteBlock, Parent, Refusal } from "./rules.ts";
import type { Block, BlockOrigin } from "./types.ts";

export type Judgement =
  | { readonly type: "good"; readonly changes: Changes }
  | ({ readonly type: "bad" } & Refusal);

export interface JudgeParts {
  readonly signatures: SignatureChecks;
  readonly execute: ExecuteBlock;
  readonly consensus: ConsensusRules;
}

const bad = (code: Refusal["code"], message: string): Judgement => ({ type: "bad", code, message });

/**
 * Whether a block follows from its parent's state, and what it changes there. Cheap questions come first: numbers,
 * seal, author and slot, then execution with signatures beside it.
 */
export async function judgeBlock(
  block: Block,
  parent: Parent,
  origin: BlockOrigin,
  { signatures, execute, consensus }: JudgeParts,
): Promise<Judgement> {
  const { header, extrinsics } = block;
  const height = parent.header.number + 1;
  if (header.number !== height) {
    return bad("BadConsensus", `its number is ${header.number}, its parent's child has ${height}`);
  }
  const refused = consensus.checkHeader(header, parent, origin);
  if (refused) return { type: "bad", ...refused };
  const storage = new Overlay(parent.state);
  try {
    const unsealed = { header: withoutSeal(header), extrinsics };
    const { areValid } = await signatures.alongside((check) => execute(storage, unsealed, check));
    if (!areValid) return bad("BadSignature", "an extrinsic has a bad signature");
  } catch (error) {
    // A damaged database is our fault, not the block's.
    if (error instanceof DatabaseError || !(error instanceof Error)) throw error;
    return bad("BadExecution", error.message);
  }
  return { type: "good", changes: storage.changes() };
}
