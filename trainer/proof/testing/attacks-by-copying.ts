/** Forgeries of papers: somebody else's proof, or a true training with untrue records. */
import { cpSync } from "node:fs";
import { encodeCheckpoint } from "../checkpoint.ts";
import {
  type Attack,
  asItWas,
  atStep,
  disguised,
  legalStart,
  permuted,
  replayed,
  stolen,
  tell,
  timeOf,
  trained,
} from "./loot.ts";

export const attacksByCopying: readonly Attack[] = [
  {
    name: "replaying somebody else's proof",
    caughtBy: "identity",
    run: async (loot) => cpSync(loot.foreign.folder, loot.target.folder, { recursive: true }),
  },
  {
    name: "replaying it under this order's name",
    caughtBy: "start",
    run: async (loot) =>
      tell(
        loot,
        replayed(loot, (state) => state),
      ),
  },
  {
    name: "permuting somebody else's proof",
    caughtBy: "start",
    run: async (loot) => {
      const start = legalStart(loot);
      return tell(
        loot,
        replayed(loot, (state) => permuted(state, start)),
      );
    },
  },
  {
    name: "adding noise to somebody else's proof",
    caughtBy: "start",
    run: async (loot) =>
      tell(
        loot,
        replayed(loot, (state, step) => disguised(state, 0.01, step)),
      ),
  },
  {
    name: "forged loss log: 20 % too good",
    caughtBy: "losses",
    run: async (loot) => {
      const states = await trained(loot, legalStart(loot));
      return tell(loot, {
        ...asItWas(states),
        losses: (true_, index) => (index === 0 ? true_ : true_.map((loss) => loss * 0.8)),
      });
    },
  },
  {
    name: "forged loss log: mean right, entries not",
    caughtBy: "losses",
    run: async (loot) => {
      const states = await trained(loot, legalStart(loot));
      return tell(loot, { ...asItWas(states), losses: (true_) => true_.toReversed() });
    },
  },
  {
    name: "a checkpoint changed after anchoring",
    caughtBy: "identity",
    run: async (loot) => {
      const states = await trained(loot, legalStart(loot));
      await tell(loot, asItWas(states));
      const better = encodeCheckpoint({
        step: timeOf(loot).steps,
        state: atStep(await stolen(loot), timeOf(loot).steps),
      });
      return loot.target.writeCheckpoint(12, better);
    },
  },
];
