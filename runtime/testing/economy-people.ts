/** Who plays in the whole economy, and the chain on which their machines have just proved themselves. */
import { voterKey } from "../../pallets/grandpa/testing/double-vote.ts";
import { constants, storage as machines } from "../../pallets/machines/index.ts";
import { type Solved, solve } from "../../pallets/machines/testing/solver.ts";
import { MAI } from "../../pallets/testing/chain.ts";
import { madeUpKeys, provenKeys } from "../../pallets/trainer-staking/testing/keys.ts";
import type { Ctx } from "../frame/ctx.ts";
import type { AnyCall } from "../frame/runtime-call.ts";
import { textBytes, toHex } from "../primitives/bytes.ts";
import { blake2_256 } from "../primitives/hashing.ts";
import { type Act, EconomyChain } from "./economy-chain.ts";

const account = (name: string): Uint8Array => blake2_256(textBytes(name));
const named = (kind: string, count: number) =>
  Array.from({ length: count }, (_, i) => account(`${kind} ${i}`));

/** Trainers from genesis on. The first lie and fall silent more often than the others. */
export const trainers: readonly Uint8Array[] = named("trainer", 11);
export const liars: readonly Uint8Array[] = trainers.slice(0, 3);
/** Whoever may become a trainer. */
export const newcomers: readonly Uint8Array[] = named("newcomer", 2);
export const buyers: readonly Uint8Array[] = named("buyer", 2);
/** Owns a project. */
export const owner: Uint8Array = account("owner");
/** Never trainers: they call whatever there is to call. */
export const strangers: readonly Uint8Array[] = named("stranger", 2);
export const everybody: readonly Uint8Array[] = [...trainers, ...newcomers, ...buyers, owner, ...strangers];

const endowment = 100_000n * MAI;
export const bond: bigint = 1_000n * MAI;
/** Whose votes for finality can be made, and so made twice. */
export const voter = voterKey("//DoubleVoter");

const proofs = newcomers.map((who, i) => provenKeys(`//Newcomer${i}`, who));
export const registration = (i: number): AnyCall => {
  const { keys, proof } = proofs[i]!;
  return callOf("TrainerStaking.register", { value: bond, poh_key: keys.poh, gran_key: keys.gran, proof });
};

/** A call by the name that events and documents give it. */
export function callOf(name: string, value: object): AnyCall {
  const [type, call] = name.split(".") as [string, string];
  return { type, value: { type: call, value } };
}

/** The first machine of somebody, and others. */
export const machineOf = (who: Uint8Array, which = 0): Uint8Array => who.slice(0, 16).fill(which, 15);

/** A machine as slow as these does an order of a thousandth of an ut within 26 blocks. */
const terms = { price_per_ut: 10_000n * MAI, longest: 10_000, disk: 1_024 };
export const offer = (who: Uint8Array): AnyCall =>
  callOf("Marketplace.make_offer", { machine: machineOf(who), terms });

const genesis = () => ({
  Balances: { balances: everybody.map((who) => [who, endowment] as const) },
  Poh: { epochLength: 20n },
  TrainerStaking: {
    minBond: 100n * MAI,
    unbondingEpochs: 1,
    trainers: trainers.map((trainer, i) => {
      const { poh: poh_key, gran } = madeUpKeys(i + 1);
      return { trainer, poh_key, gran_key: i === 0 ? voter.publicKey : gran, bond };
    }),
  },
  Drilling: { voteWindow: 3 },
  Marketplace: { minSilence: 5, stopWindow: 4, historyKept: 15 },
  ProofOfTraining: { commitWindow: 4, revealWindow: 3, appealWindow: 4, releaseWindow: 2 },
  Rewards: { vestingPeriod: 40 },
  Referenda: { votingPeriod: 6, enactmentDelay: 2 },
});

const solved = new Map<string, Solved>();

/** What answers a machine's challenge, as soon as it has been issued; a forger's product is of ones. */
export function solutionOf(ctx: Ctx, id: Uint8Array, isForged = false): Solved | undefined {
  const challenge = machines.Challenges.get(ctx, id);
  if (challenge === undefined || challenge.state === "Queued") return undefined;
  const name = `${toHex(challenge.seed)} ${isForged}`;
  const found = solved.get(name) ?? solve(challenge, (product) => void (isForged && product.fill(1)));
  solved.set(name, found);
  return found;
}

/** Opens what the chain has picked of it. */
export function answerOf(ctx: Ctx, id: Uint8Array, solution: Solved): AnyCall {
  const openings = solution.open(machines.Challenges.get(ctx, id)!.randomness!, constants.Picks);
  const entries = openings.map(({ leaf }) => leaf);
  const proof = { roots: solution.roots, paths: openings.map(({ siblings }) => siblings) };
  return callOf("Machines.answer_challenge", { id, entries, proof });
}

/** A chain on which all trainers have a machine that is measured and for hire, and the owner a project. */
export function preparedChain(): EconomyChain {
  const chain = EconomyChain.begin(genesis());
  const all = (call: (who: Uint8Array, id: Uint8Array) => AnyCall, others: readonly Act[] = []) => {
    const acts = trainers.map((who): Act => [who, call(who, machineOf(who))]);
    if (chain.block([...acts, ...others]).succeeded < acts.length) throw new Error("nothing is prepared");
  };
  const metadata = textBytes("{}");
  all((who) => callOf("TrainerStaking.set_sealing_key", { key: who }));
  all((_, id) => callOf("Machines.add_machine", { id, metadata, declared_capacity: 1n }));
  chain.block();
  all((_, id) => {
    const root = solutionOf(chain.view(), id)!.commitment;
    return callOf("Machines.commit_challenge", { id, root });
  });
  chain.block();
  all((_, id) => answerOf(chain.view(), id, solutionOf(chain.view(), id)!));
  const project = { name: textBytes("stars"), uri: textBytes("https://stars") };
  all(offer, [[owner, callOf("Drilling.register_project", project)]]);
  return chain;
}
