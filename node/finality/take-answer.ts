import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { bytesToHash } from "../chain/hash.ts";
import type { ChainReader } from "../chain/types.ts";
import type { Finalizer } from "./finalizer.ts";
import { finalityEngine } from "./justification.ts";
import type { SetSession } from "./set-session.ts";
import { type CatchUpAnswer, decodeGossip, decodeJustification } from "./wire.ts";

/** Messages that are judged in one turn of the event loop. */
const messagesPerTurn = 128;

interface AnswerParts {
  readonly chain: Pick<ChainReader, "header">;
  readonly finalizer: Pick<Finalizer, "importJustification">;
  /** The present one: a proof in the answer may begin another. */
  readonly session: () => SetSession | undefined;
}

/** Takes what a neighbour answered. False when some of it does not hold. @throws FinalityContradiction */
export async function takeAnswer(answer: CatchUpAnswer, parts: AnswerParts): Promise<boolean> {
  try {
    for (const proof of answer.justifications) {
      const hash = bytesToHash(decodeJustification(proof).commit.target_hash);
      // The block itself comes by other ways.
      if (!parts.chain.header(hash)) continue;
      if (await parts.finalizer.importJustification(hash, [finalityEngine, proof])) return false;
    }
    for (const [i, bytes] of answer.messages.entries()) {
      const session = parts.session();
      if (!session) return true;
      const message = decodeGossip(bytes);
      const holds =
        message.type === "CatchUp"
          ? message.value.set_id !== session.setId || session.takeCompleteRound(message.value)
          : session.take(bytes, () => undefined) !== "reject";
      if (!holds) return false;
      if (i % messagesPerTurn === messagesPerTurn - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}
