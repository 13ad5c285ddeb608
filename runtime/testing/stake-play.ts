/** What happens to stake, machines, votes and tokens in a random play. */
import { freeBalance } from "../../pallets/balances/index.ts";
import { setId } from "../../pallets/grandpa/index.ts";
import { block, doubleVote } from "../../pallets/grandpa/testing/double-vote.ts";
import { storage as machines } from "../../pallets/machines/index.ts";
import { currentEpoch } from "../../pallets/poh/index.ts";
import { storage as referenda } from "../../pallets/referenda/index.ts";
import { MAI } from "../../pallets/testing/chain.ts";
import type { Ctx } from "../frame/ctx.ts";
import type { AnyCall } from "../frame/runtime-call.ts";
import { equalBytes, textBytes } from "../primitives/bytes.ts";
import type { Dice } from "./dice.ts";
import type { Act } from "./economy-chain.ts";
import {
  answerOf,
  bond,
  buyers,
  callOf,
  everybody,
  liars,
  machineOf,
  newcomers,
  owner,
  registration,
  solutionOf,
  strangers,
  trainers,
  voter,
} from "./economy-people.ts";

const activity = {
  whetstone: 1,
  utilisation: 1,
  memory: 1,
  energy: undefined,
  record: new Uint8Array(32),
};

/** Most machines say that they are there. */
export const sendHeartbeats = (ctx: Ctx, dice: Dice): Act[] =>
  [...machines.Machines.iterate(ctx)]
    .filter(([, { heartbeat }]) => heartbeat < currentEpoch(ctx).index && !dice.oneIn(3))
    .map(([id, found]): Act => [found.owner, callOf("Machines.heartbeat", { id, activity })]);

/** Challenged machines commit and answer; the first of the liars has forged its products. */
export function answerChallenges(ctx: Ctx): Act[] {
  return [...machines.Challenges.iterate(ctx)].flatMap(([id, { state }]): Act[] => {
    const who = machines.Machines.get(ctx, id)!.owner;
    const isForged = equalBytes(who, liars[0]!);
    const isAsked = state === "Issued" || state === "Drawn";
    const solution = isAsked ? solutionOf(ctx, id, isForged) : undefined;
    if (solution === undefined) return [];
    const root = solution.commitment;
    const call =
      state === "Issued" ? callOf("Machines.commit_challenge", { id, root }) : answerOf(ctx, id, solution);
    return [[who, call]];
  });
}

/** Trainers come, go, rest, and change what they have at stake and their machines. */
export function changeStake(dice: Dice): Act[] {
  const i = dice.below(newcomers.length);
  const newcomer = newcomers[i]!;
  const who = dice.oneIn(2) ? newcomer : dice.pick(trainers)!;
  const value = BigInt(1 + dice.below(900)) * MAI;
  const id = machineOf(who, dice.below(2));
  const metadata = textBytes("{}");
  const calls: Act[] = [
    [newcomer, registration(i)],
    [newcomer, registration(i)],
    [newcomer, callOf("TrainerStaking.deregister", {})],
    [who, callOf("TrainerStaking.bond_extra", { value })],
    [who, callOf("TrainerStaking.unbond", { value })],
    [who, callOf("TrainerStaking.withdraw_unbonded", {})],
    [liars[1]!, callOf("TrainerStaking.chill", {})],
    [liars[1]!, callOf("TrainerStaking.resume", {})],
    [newcomer, callOf("Machines.add_machine", { id: machineOf(newcomer), metadata, declared_capacity: 1n })],
    [who, callOf("Machines.add_machine", { id, metadata, declared_capacity: 1n })],
    [who, callOf("Machines.remove_machine", { id })],
  ];
  return [dice.pick(calls)!];
}

/** Tokens move, vest, and are spent by vote. */
export function moveTokens(ctx: Ctx, dice: Dice): Act[] {
  const [who, to] = [dice.pick(everybody)!, dice.pick(everybody)!];
  const dest = { type: "Id", value: to };
  const value = BigInt(dice.below(2_000)) * MAI;
  const proposals: AnyCall[] = [
    callOf("Treasury.spend_local", { amount: MAI + value / 1_000n, beneficiary: dest }),
    callOf("Referenda.set_parameter", { parameter: textBytes("Drilling.UtValue"), value: 1n + value / MAI }),
    callOf("Balances.transfer_all", { dest, keep_alive: true }),
  ];
  const index = dice.below(1 + referenda.ReferendumCount.get(ctx));
  const locked = freeBalance(ctx, who) / BigInt(2 + dice.below(4));
  const transfer = callOf("Balances.transfer_keep_alive", { dest, value });
  const acts: Act[] = [
    [who, transfer],
    [who, callOf("Utility.batch_all", { calls: [transfer, callOf("Rewards.claim_vested", {})] })],
    [strangers[0]!, callOf("Balances.transfer_all", { dest, keep_alive: false })],
    [who, callOf("Rewards.claim_vested", {})],
    [dice.pick(trainers)!, callOf("Rewards.claim_vested", {})],
    [who, callOf("Referenda.propose", { proposal: dice.pick(proposals)! })],
    [who, callOf("Referenda.vote", { index, aye: !dice.oneIn(4), locked })],
    ...takeBack(ctx, dice),
  ];
  return [dice.pick(acts)!];
}

/** Somebody takes back a proposal or a vote of its own. */
function takeBack(ctx: Ctx, dice: Dice): Act[] {
  const index = dice.pick(referenda.Open.get(ctx))?.index;
  if (index === undefined) return [];
  const { proposer } = referenda.ReferendumInfo.get(ctx, index)!;
  const voter = dice.pick([...referenda.Votes.keys(ctx, index)])?.[1] ?? proposer;
  return [
    [proposer, callOf("Referenda.cancel", { index })],
    [voter, callOf("Referenda.remove_vote", { index })],
  ];
}

/** Those who have much vote on what is open; whoever wins, somebody has lost. */
export const voteAll = (ctx: Ctx, dice: Dice): Act[] =>
  referenda.Open.get(ctx).flatMap(({ index }) =>
    [...buyers, owner].map((who): Act => {
      const locked = freeBalance(ctx, who) / 2n;
      return [who, callOf("Referenda.vote", { index, aye: !dice.oneIn(3), locked })];
    }),
  );

/** A double vote is reported, by a stranger or by the offender itself; only the first report of it is worth anything. */
export function reportDoubleVote(ctx: Ctx, dice: Dice): Act[] {
  const votes = [block(1), block(2)] as const;
  const proof = doubleVote(voter, { setId: setId(ctx), round: BigInt(1 + dice.below(2)), votes });
  const who = dice.pick([strangers[1]!, liars[0]!])!;
  return [[who, callOf("Grandpa.report_equivocation", { equivocation_proof: proof })]];
}

const zeros = new Uint8Array(32);

/** Whoever has no business with something tries it: any call, with whatever comes to mind. */
export function meddle(dice: Dice): Act[] {
  const who = dice.pick(dice.oneIn(2) ? strangers : everybody)!;
  const other = dice.pick(everybody)!;
  const [order, task, unit] = [dice.below(12), dice.below(6), dice.below(4)];
  const id = machineOf(other);
  const max = 2n ** 128n - 1n;
  const calls: AnyCall[] = [
    callOf("TrainerStaking.bond_extra", { value: max }),
    callOf("TrainerStaking.unbond", { value: bond }),
    callOf("TrainerStaking.withdraw_unbonded", {}),
    callOf("Machines.remove_machine", { id }),
    callOf("Machines.commit_challenge", { id, root: zeros }),
    callOf("Marketplace.cancel_offer", { machine: id }),
    callOf("Marketplace.accept_order", { order }),
    callOf("Marketplace.take_bid", { order, trainer: who }),
    callOf("Marketplace.bid", { order, price: max, machine: id }),
    callOf("Marketplace.cancel_order", { order }),
    callOf("ProofOfTraining.start", { order, link: zeros }),
    callOf("ProofOfTraining.anchor", { order, index: 12, step: 24, link: zeros, loss: 0n }),
    callOf("ProofOfTraining.submit_proof", { order, package: { type: "Fault", value: "Unreachable" } }),
    callOf("ProofOfTraining.commit_verdict", { order, commitment: zeros }),
    callOf("ProofOfTraining.appeal", { order }),
    callOf("ProofOfTraining.release_key", { order, to: other, purpose: "Package", key: new Uint8Array(80) }),
    callOf("TrainerStaking.set_sealing_key", { key: other }),
    callOf("ProofOfTraining.release_validation", { order, uri: zeros }),
    callOf("Drilling.vote_task", { task, aye: false }),
    callOf("Drilling.request_work", { machine: id, max_units: 1 }),
    callOf("Drilling.commit_result", { task, unit, commitment: zeros }),
    callOf("Drilling.reveal_result", { task, unit, result: zeros, salt: zeros }),
    callOf("Drilling.close_task", { task }),
    callOf("Drilling.close_project", { project: 0 }),
    callOf("Drilling.set_preferences", {
      preferences: { max_bond: max, refused_tasks: [task], results: undefined },
    }),
    callOf("Balances.force_transfer", {
      source: { type: "Id", value: other },
      dest: { type: "Id", value: who },
      value: MAI,
    }),
    callOf("Treasury.spend_local", { amount: MAI, beneficiary: { type: "Id", value: who } }),
    callOf("Referenda.set_parameter", { parameter: textBytes("Drilling.UtValue"), value: 1n }),
  ];
  return [[who, dice.pick(calls)!]];
}
