import type { Log } from "../log/log.ts";
import { encodeEquivocation } from "./equivocation.ts";
import type { Finalizer } from "./finalizer.ts";
import type { FinalityComponents } from "./options.ts";
import type { OwnVoter } from "./own-voter.ts";
import type { Step } from "./protocol/step.ts";
import type { SetSession } from "./set-session.ts";
import { FinalityContradiction } from "./types.ts";
import { encodeGossip, toWireCommit } from "./wire.ts";

/** What steps are done with. */
export interface Hands extends Pick<FinalityComponents, "network" | "metrics" | "onEquivocation"> {
  readonly own: OwnVoter;
  readonly finalizer: Finalizer;
  readonly log: Log;
  /** Whether the session is still that of the present set. */
  isPresent(session: SetSession): boolean;
}

/** Does what the voter has decided: signs, sends, makes final, counts. @throws FinalityContradiction. */
export async function perform(step: Step, session: SetSession, hands: Hands): Promise<void> {
  const { setId, voters, voter } = session;
  const { own, finalizer, network, metrics, log } = hands;
  const id = own.in(setId, voters);
  switch (step.type) {
    case "vote": {
      // A new set may have begun while the steps before were done.
      if (!hands.isPresent(session) || id === undefined) return;
      const signed = await own.vote({ setId, voter, id }, step.round, step.phase, step.target);
      if (!signed) return;
      voter.addVote(step.round, step.phase, signed.vote);
      network?.broadcast(signed.message);
      metrics?.finalityVotes.inc({ kind: step.phase });
      return;
    }
    case "propose": {
      const message = id && own.propose({ setId, id }, step.round, step.target);
      if (message) network?.broadcast(message);
      return;
    }
    case "finalize":
      return finalizer.commit(step.round, step.commit);
    case "commit": {
      const message = toWireCommit(step.commit);
      const value = { round: BigInt(step.round), set_id: setId, message };
      network?.broadcast(encodeGossip({ type: "Commit", value }));
      return;
    }
    case "round":
      metrics?.finalityRound.set(step.round);
      return;
    case "equivocation":
      log.warn("a voter voted twice", { voter: step.voter, round: step.round, set: setId });
      metrics?.finalityEquivocations.inc();
      hands.onEquivocation?.(encodeEquivocation(step, setId));
      return;
    case "contradiction": {
      const { hash, number } = step.commit.target;
      throw new FinalityContradiction(
        `a supermajority of set ${setId} made block ${number} (${hash}) final, which excludes the final block ` +
          `${voter.finalized.number} (${voter.finalized.hash})`,
      );
    }
  }
}
