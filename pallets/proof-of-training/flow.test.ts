import { describe, expect, test } from "vitest";
import { freeBalance } from "../balances/index.ts";
import { storage as score } from "../compute-score/index.ts";
import { storage as marketplace } from "../marketplace/index.ts";
import { assertMarket } from "../marketplace/testing/invariants.ts";
import {
  accepts,
  buyer,
  judge,
  market,
  passDeadline,
  prove,
  trainer,
} from "../marketplace/testing/market.ts";
import { MAI } from "../testing/chain.ts";
import { assertInspections } from "./testing/invariants.ts";

describe("a training that is honest", () => {
  test("ends with everybody paid to the unit", () => {
    const chain = market();
    const { ctx } = chain;
    const before = freeBalance(ctx, trainer(0));
    const funds = freeBalance(ctx, buyer);
    const id = prove(chain);
    assertMarket(ctx);
    assertInspections(ctx);
    judge(chain, id, [accepts, accepts, accepts]);
    expect(marketplace.Orders.get(ctx, id)?.state).toBe("Judged");
    passDeadline(chain, id);
    expect(marketplace.Ended.get(ctx, id)?.outcome).toBe("Completed");
    expect(freeBalance(ctx, trainer(0)) - before).toBe(98n * MAI);
    expect(funds - freeBalance(ctx, buyer)).toBe(103n * MAI);
    expect(score.Scores.get(ctx, trainer(0)).training.total).toBe(100_000_000n);
    assertMarket(ctx);
    assertInspections(ctx);
  });
});
