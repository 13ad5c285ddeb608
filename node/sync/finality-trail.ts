import type { Chain } from "../chain/chain.ts";
import type { Database } from "../db/database.ts";
import { authoritiesAt } from "../finality/authority-sets.ts";
import { ProofStore } from "../finality/proof-store.ts";
import { proveSetChanges, TrailWalk } from "../finality/trail.ts";
import type { FinalityTrail } from "./types.ts";

/** The way from genesis by GRANDPA's proofs, as far as this database has them; a new one begins with genesis's voters. */
export function finalityTrail(chain: Chain, database: Database): FinalityTrail {
  const proofs = new ProofStore(database);
  return {
    prove: (setId, maxBytes) => proveSetChanges(setId, maxBytes, proofs),
    begin() {
      const first = authoritiesAt(chain, chain.genesisHash);
      if (!first) throw new Error("the first voters are not known any more: the state of genesis is pruned");
      const walk = new TrailWalk(first);
      return {
        get setId() {
          return walk.setId;
        },
        get head() {
          return walk.head;
        },
        get justification() {
          return walk.justification;
        },
        follow: (proof) => walk.follow(proof),
        write: (batch) => walk.write(batch, proofs),
      };
    },
  };
}
