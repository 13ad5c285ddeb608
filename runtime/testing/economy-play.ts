/** A random play of the whole economy: what everybody does, by throws of dice, and what comes of it. */
import { Dice } from "./dice.ts";
import { askForWork, closeSomething, openCanary, publishTask, voteTasks, work } from "./drilling-play.ts";
import type { Act, EconomyChain, PlayedBlock } from "./economy-chain.ts";
import { changeOffer, moveOrder, placeOrder } from "./market-play.ts";
import {
  answerChallenges,
  changeStake,
  meddle,
  moveTokens,
  reportDoubleVote,
  sendHeartbeats,
  voteAll,
} from "./stake-play.ts";

export class EconomyPlay {
  readonly chain: EconomyChain;
  readonly #dice: Dice;

  constructor(prepared: EconomyChain, seed: number) {
    this.chain = prepared.fork(seed);
    this.#dice = new Dice(seed);
  }

  /** Several people do something, and a block is made of it. */
  next(): PlayedBlock {
    const acts: Act[] = [];
    for (let i = this.#dice.below(7); i >= 0; i--) acts.push(...this.#act());
    return this.chain.block(acts);
  }

  #act(): Act[] {
    const dice = this.#dice;
    const ctx = this.chain.view();
    const throwOf = dice.below(100);
    if (throwOf < 7) return placeOrder(dice);
    if (throwOf < 40) return moveOrder(ctx, dice);
    if (throwOf < 43) return publishTask(ctx, dice);
    if (throwOf < 51) return voteTasks(ctx, dice);
    if (throwOf < 56) return askForWork(dice);
    if (throwOf < 70) return work(ctx, dice);
    if (throwOf < 72) return openCanary(ctx, dice);
    if (throwOf < 73) return closeSomething(ctx, dice);
    if (throwOf < 75) return sendHeartbeats(ctx, dice);
    if (throwOf < 77) return answerChallenges(ctx);
    if (throwOf < 83) return changeStake(dice);
    if (throwOf < 90) return moveTokens(ctx, dice);
    if (throwOf < 92) return voteAll(ctx, dice);
    if (throwOf < 93) return reportDoubleVote(ctx, dice);
    if (throwOf < 94) return changeOffer(dice);
    return meddle(dice);
  }
}
