/** Votes by stake on what root may do, with deposits, a delay, and bounded work in each block. */
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { attend } from "./agenda.ts";
import { calls } from "./calls.ts";
import { constants, declaration } from "./schema.ts";

export { constants, errors, events, referendumTopic, storage } from "./schema.ts";

export const referenda = pallet(declaration, {
  calls,
  onInitialize: (ctx, block) => attend(ctx, block),
  genesis: genesis(
    { votingPeriod: u32, enactmentDelay: u32 },
    { votingPeriod: 100_800, enactmentDelay: 14_400 },
    (ctx, { votingPeriod, enactmentDelay }) => {
      if (votingPeriod === 0) throw new Error("votes are cast for at least one block");
      constants.VotingPeriod.set(ctx, votingPeriod);
      constants.EnactmentDelay.set(ctx, enactmentDelay);
    },
  ),
});
