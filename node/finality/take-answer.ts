import { CodecError } from "../../runtime/primitives/codec-error.ts";
import type { ChainReader, Head } from "../chain/types.ts";
import type { Finalizer } from "./finalizer.ts";
import { finalityEngine } from "./justification.ts";
import type { SetSession } from "./set-session.ts";
import {
  type CatchUpAnswer,
  decodeGossip,
  decodeJustification,
  fromWireTarget,
  type GossipMessage,
} from "./wire.ts";

/** Messages that are judged in one turn of the event loop. */
const messagesPerTurn = 128;
/** Blocks that one answer may make this node look for. */
const maxMissing = 16;

interface AnswerParts {
  readonly chain: Pick<ChainReader, "header">;
  readonly finalizer: Pick<Finalizer, "importJustification">;
  /** The present one: a proof in the answer may begin another. */
  readonly session: () => SetSession | undefined;
  /** Gets a block that the answer is about. */
  readonly fetch: (head: Head) => void;
}

/** Takes what a neighbour answered. False when some of it does not hold. @throws FinalityContradiction */
export async function takeAnswer(answer: CatchUpAnswer, parts: AnswerParts): Promise<boolean> {
  const missing = new Map<string, Head>();
  try {
    for (const proof of answer.justifications) {
      const target = fromWireTarget(decodeJustification(proof).commit);
      const refused = await parts.finalizer.importJustification(target.hash, [finalityEngine, proof]);
      if (refused?.code === "UnknownBlock") missing.set(target.hash, target);
      if (refused?.code === "BadJustification") return false;
    }
    for (const [i, bytes] of answer.messages.entries()) {
      const session = parts.session();
      if (!session) break;
      const message = decodeGossip(bytes);
      for (const target of targetsOf(message)) {
        if (!parts.chain.header(target.hash)) missing.set(target.hash, target);
      }
      const holds =
        message.type === "CatchUp"
          ? message.value.set_id !== session.setId || session.takeCompleteRound(message.value)
          : session.take(bytes, () => undefined) !== "reject";
      if (!holds) return false;
      if (i % messagesPerTurn === messagesPerTurn - 1) await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
  for (const head of [...missing.values()].slice(0, maxMissing)) parts.fetch(head);
  return true;
}

/** The blocks that the votes of a message are for. */
function targetsOf({ type, value }: GossipMessage): Head[] {
  if (type === "Vote") return [fromWireTarget(value.message.message.value)];
  if (type !== "CatchUp") return [];
  const { prevotes, precommits } = value.message;
  const votes = [...prevotes.map(({ prevote }) => prevote), ...precommits.map(({ precommit }) => precommit)];
  return votes.map(fromWireTarget);
}
