/** What projects and members of quorums in a random play do, well or badly. */
import { canaryOf, commitmentOf, storage as drilling, type UnitKey } from "../../pallets/drilling/index.ts";
import { MAI } from "../../pallets/testing/chain.ts";
import type { Ctx } from "../frame/ctx.ts";
import { equalBytes, textBytes } from "../primitives/bytes.ts";
import { blake2_256 } from "../primitives/hashing.ts";
import type { Dice } from "./dice.ts";
import type { Act } from "./economy-chain.ts";
import { callOf, liars, machineOf, owner, trainers } from "./economy-people.ts";

const salt = new Uint8Array(32).fill(7);
const hashOf = (text: string): Uint8Array => blake2_256(textBytes(text));
const truthOf = ({ task, unit }: UnitKey): Uint8Array => hashOf(`truth ${task} ${unit}`);
const lie = hashOf("lie");
const file = { hash: hashOf("file"), uri: textBytes("ipfs:file") };

/** A task of a few units, half of them with a canary that may be false, and the votes for it in the next block. */
export function publishTask(ctx: Ctx, dice: Dice): Act[] {
  const task = drilling.NextTask.get(ctx);
  const units = 1 + dice.below(5);
  const result = dice.oneIn(2) ? truthOf({ task, unit: 0 }) : hashOf("false canary");
  // A share of a fiftieth of the units, and one at least, may be canaries.
  const commitments = [canaryOf(0, 0, result, salt)];
  const spec = {
    model: file,
    inputs: file,
    rule: { type: "Integers", value: undefined },
    units,
    difficulty: 1_000_000n,
    quorum: 2 + dice.below(3),
    reward: dice.oneIn(4) ? 0n : MAI / 10n,
    commit_window: 3,
    reveal_window: 3,
    canaries: dice.oneIn(2) ? { commitments, window: 5 } : undefined,
  };
  return [[owner, callOf("Drilling.publish_task", { project: 0, spec })]];
}

/** Most trainers vote on what there is to vote on. */
export function voteTasks(ctx: Ctx, dice: Dice): Act[] {
  const open = [...drilling.Tasks.iterate(ctx)].filter(([, { state }]) => state === "Voting");
  return open.flatMap(([task]) =>
    trainers
      .filter(() => !dice.oneIn(4))
      .map((who): Act => [who, callOf("Drilling.vote_task", { task, aye: !dice.oneIn(6) })]),
  );
}

export const askForWork = (dice: Dice): Act[] =>
  trainers
    .filter(() => !dice.oneIn(5))
    .map((who): Act => {
      const request = { machine: machineOf(who), max_units: dice.below(4) };
      return [who, callOf("Drilling.request_work", request)];
    });

/** All who have a seat do what they have to, each in its mood. */
export function work(ctx: Ctx, dice: Dice): Act[] {
  const acts: Act[] = [];
  for (const [task, unit, { state, seats }] of drilling.Units.iterate(ctx)) {
    const key = { task, unit };
    for (const { trainer, commitment, result: told } of seats) {
      if (dice.oneIn(8)) continue;
      const lies = liars.some((liar) => equalBytes(liar, trainer)) && (task + unit + trainer[1]!) % 3 === 0;
      const result = lies ? lie : truthOf(key);
      if (state === "Committing" && commitment === undefined) {
        // Copied from a companion, which nobody can open.
        const by = dice.oneIn(30) ? seats[0]!.trainer : trainer;
        const made = commitmentOf(key, by, result, salt);
        acts.push([trainer, callOf("Drilling.commit_result", { ...key, commitment: made })]);
      } else if (state === "Revealing" && told === undefined) {
        acts.push([trainer, callOf("Drilling.reveal_result", { ...key, result, salt })]);
      }
    }
  }
  return acts;
}

export function openCanary(ctx: Ctx, dice: Dice): Act[] {
  const [task, unit] = dice.pick([...drilling.Units.keys(ctx)]) ?? [dice.below(4), 0];
  const result = dice.oneIn(2) ? truthOf({ task, unit }) : hashOf("false canary");
  return [[owner, callOf("Drilling.open_canary", { task, unit, result, salt })]];
}

export function closeSomething(ctx: Ctx, dice: Dice): Act[] {
  const [task] = dice.pick([...drilling.Tasks.keys(ctx)]) ?? [0];
  if (dice.oneIn(3)) return [[owner, callOf("Drilling.close_project", { project: 0 })]];
  return [[owner, callOf("Drilling.close_task", { task })]];
}
