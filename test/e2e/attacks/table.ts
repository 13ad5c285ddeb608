/** Every way of the protocol's list in which a trainer may lie about its work, and the check that cannot miss it. */
import type { rules } from "../../../pallets/proof-of-training/index.ts";
import type { Link } from "../../../trainer/proof/chain.ts";
import { attacks } from "../../../trainer/proof/testing/attacks.ts";
import {
  type Attack,
  asItWas,
  type Loot,
  legalStart,
  tell,
  trained,
} from "../../../trainer/proof/testing/loot.ts";
import { segments } from "./small-order.ts";

export type Rule = (typeof rules)[number];

export interface ChainAttack {
  readonly name: string;
  /** Finds it whatever is drawn; a check before it may find it too. */
  readonly caughtBy: Rule;
  /** How many inspectors the buyer wants, and how many of the segments run again. */
  readonly inspectors: number;
  readonly segments: number;
  /** Writes the package that is handed in; resolves with the links that were anchored for it. */
  forge(loot: Loot): Promise<readonly Link[]>;
}

const ruleOf: Readonly<Record<Attack["caughtBy"], Rule>> = {
  identity: "Identity",
  start: "Start",
  // The rules see what is rough of a forgery without work; done again, none of its steps ends where it is said to end.
  rule1: "ReExecution",
  rule2: "ReExecution",
  rule6: "ReExecution",
  losses: "Losses",
  "re-execution": "ReExecution",
};

/** By default five of the segments are run again, which find a lie about half of them in 98 of 100 proofs. */
const usually = 5;
/** Lies about a part of the work: who wants to be certain pays for all of it to be run again. */
const partial = [
  "fine-tuning a stolen model behind the legal start",
  "jumping to a stolen model half-way",
  "fewer steps: every second segment skipped",
];
/** Judged by three; one is enough for the others, since all inspectors look at the same things. */
const byThree = ["random walk", "less data: a quarter of it", "forged loss log: 20 % too good"];

/** Honest work is anchored, and what is handed in was made up afterwards, links and all. */
const remade: ChainAttack = {
  name: "a proof made anew after anchoring",
  caughtBy: "Identity",
  inspectors: 1,
  segments: usually,
  async forge(loot) {
    await tell(loot, asItWas(await trained(loot, legalStart(loot))));
    const { links } = await loot.target.proof();
    const better = await trained(loot, legalStart(loot), { data: loot.otherData });
    await tell(loot, asItWas(better));
    return links;
  },
};

export const chainAttacks: readonly ChainAttack[] = [
  ...attacks.map(
    ({ name, caughtBy, acrossClasses, run }): ChainAttack => ({
      name,
      caughtBy: ruleOf[caughtBy],
      inspectors: byThree.includes(name) ? 3 : 1,
      segments: partial.includes(name) ? segments : usually,
      async forge(loot) {
        await run(loot);
        const proof = await loot.target.proof();
        // An inspector compares bits only with a proof of its own class.
        if (acrossClasses) await loot.target.writeProof({ ...proof, runtime: "another runtime" });
        return proof.links;
      },
    }),
  ),
  remade,
];
