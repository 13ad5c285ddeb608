/**
 * What each trainer has computed: a total that only grows, and an effective score in uut per day that halves
 * every week. Other pallets credit work here and read weights; nobody calls it from outside.
 */
import { pallet } from "../../runtime/frame/pallet.ts";
import { mulWeight, zeroWeight } from "../../runtime/primitives/weight.ts";
import { startScore } from "./credit.ts";
import { genesisScores } from "./genesis.ts";
import { declaration, kinds, storage } from "./schema.ts";
import { startWeight } from "./weights.ts";

export { type Credit, credit } from "./credit.ts";
export { constants, errors, events, type Kind, type Source, storage } from "./schema.ts";
export { type ScoreInfo, scoreInfo, scoreOf, scoresOf, weightOf } from "./score.ts";
export { creditWeight, weightOfWeight } from "./weights.ts";

/** Genesis knows no time; the first block brings it. */
const firstBlock = 1;

export const computeScore = pallet(declaration, {
  calls: {},
  genesis: genesisScores,
  // What `onFinalize` will take.
  onInitialize(ctx, block) {
    if (block !== firstBlock) return zeroWeight;
    return mulWeight(startWeight, BigInt([...storage.Scores.keys(ctx)].length));
  },
  onFinalize(ctx, block) {
    if (block !== firstBlock) return;
    for (const [trainer] of storage.Scores.keys(ctx)) {
      for (const kind of kinds) startScore(ctx, trainer, kind);
    }
  },
});
