/**
 * The whole economy as a stock client drives and reads it: one node of a chain with short windows, whose blocks are made on
 * request. Each story ends in figures to the unit, and in the end an indexer that read nothing but events knows as much
 * as the state.
 */
import { afterAll, beforeAll } from "vitest";
import { booksStories } from "./economy/stories/books.ts";
import { disputeStories } from "./economy/stories/dispute.ts";
import { drillingStories } from "./economy/stories/drilling.ts";
import { governanceStories } from "./economy/stories/governance.ts";
import { joiningStories } from "./economy/stories/joining.ts";
import { marketStories } from "./economy/stories/market.ts";
import { World } from "./economy/world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world?.economy.close());

// They go on from one another, in this order.
const stories = [
  joiningStories,
  drillingStories,
  marketStories,
  disputeStories,
  governanceStories,
  booksStories,
];
for (const tell of stories) tell(() => world);
