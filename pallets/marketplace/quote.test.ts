import { describe, expect, test } from "vitest";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { freeBalance } from "../balances/index.ts";
import { storage as machines } from "../machines/index.ts";
import { MAI } from "../testing/chain.ts";
import { quote, quoteCodec, storage } from "./index.ts";
import {
  buyer,
  endowment,
  machine,
  market,
  marketCall,
  measured,
  ok,
  spec,
  terms,
  trainer,
} from "./testing/market.ts";

const offer = (i: number, price: bigint) =>
  marketCall("make_offer", { machine: machine(i), terms: { ...terms, price_per_ut: price } });

/** Three machines at 3, 1 and 2 MAI an ut; the second is away. */
function offered() {
  const chain = market();
  ok(chain, trainer(0), offer(0, 3n * MAI));
  ok(chain, trainer(1), offer(1, MAI));
  ok(chain, trainer(2), offer(2, 2n * MAI));
  machines.Machines.mutateExists(chain.ctx, machine(1), (m) => m && { ...m, state: "Silent" });
  return chain;
}

describe("a quote", () => {
  test("tells price, bond, fee and time of each candidate, those that could do it first", () => {
    const { ctx } = offered();
    const told = quote(ctx, spec);
    expect(told).toMatchObject({
      flop: spec.flop,
      work: 100_000_000n,
      inspection_fee: 3n * MAI,
      at_most: 153n * MAI,
      refusals: [],
    });
    expect(told.candidates.map(({ machine, price, refusals }) => [machine[0], price, refusals])).toEqual([
      [3, 200n * MAI, []],
      [1, 300n * MAI, []],
      [2, 100n * MAI, ["MachineUnavailable"]],
    ]);
    expect(told.candidates[0]).toMatchObject({
      trainer: trainer(2),
      trade_fee: 4n * MAI,
      bond: 200n * MAI,
      // 10^8 uut at 10^12 a day.
      duration: 8_640n,
      measured,
    });
    expect(decode(quoteCodec, encode(quoteCodec, told))).toEqual(told);
  });

  test("for a machine is what placing the order takes", () => {
    const chain = offered();
    const direct = { ...spec, machine: machine(2), price_limit: 1_000n * MAI };
    const { at_most, refusals, candidates } = quote(chain.ctx, direct);
    expect([refusals, candidates[0]!.refusals]).toEqual([[], []]);
    ok(chain, buyer, marketCall("place_order", { spec: direct }));
    expect(endowment - freeBalance(chain.ctx, buyer)).toBe(at_most);
  });

  test("refuses what cannot be, and says all that stands against it", () => {
    const { ctx } = offered();
    expect(quote(ctx, { ...spec, machine: machine(100) })).toMatchObject({
      refusals: ["NoOffer"],
      candidates: [],
    });
    const impossible = {
      ...spec,
      flop: 0n,
      steps: 3,
      inspectors: 2,
      inspection_fee: 0n,
      price_limit: 0n,
      accept_within: 0,
      target: 2 ** 32 - 1,
      continues: 7,
    };
    expect(quote(ctx, impossible).refusals).toEqual([
      "FlopOutOfRange",
      "StepsOutOfRange",
      "PanelOutOfRange",
      "FeeTooLow",
      "PriceTooLow",
      "WindowOutOfRange",
      "BadThresholds",
      "NoCheckpoint",
    ]);
    const huge = {
      ...spec,
      machine: machine(1),
      flop: 7n * measured * 432_000n,
      disk: 2 ** 32 - 1,
      train_within: 20_000,
    };
    const [candidate] = quote(ctx, huge).candidates;
    expect(candidate!.refusals).toEqual([
      "PriceAboveLimit",
      "WindowTooLong",
      "DiskTooSmall",
      "MachineUnavailable",
      "TooSlow",
    ]);
    const small = market(2);
    expect(quote(small.ctx, spec).refusals).toEqual(["TooFewInspectors"]);
  });

  test("of a machine that was not measured, or is gone, tells no time", () => {
    const chain = offered();
    machines.Machines.mutateExists(chain.ctx, machine(0), (m) => m && { ...m, measured: 0n });
    machines.Machines.delete(chain.ctx, machine(2));
    const [first, ...others] = quote(chain.ctx, spec).candidates;
    expect(first!.duration ?? others[0]!.duration).toBeDefined();
    const unmeasured = quote(chain.ctx, spec).candidates.filter(({ duration }) => duration === undefined);
    expect(unmeasured.map(({ refusals }) => refusals)).toEqual([
      ["MachineUnavailable", "TooSlow"],
      ["TooSlow"],
    ]);
  });

  test("changes nothing", () => {
    const { ctx } = offered();
    const most = 2n ** 128n - 1n;
    machines.Machines.mutateExists(ctx, machine(0), (m) => m && { ...m, measured: 1n });
    const stored = new Map(ctx.storage.changes());
    const told = quote(ctx, { ...spec, flop: most, price_limit: most, inspection_fee: most });
    expect(decode(quoteCodec, encode(quoteCodec, told))).toEqual(told);
    expect(new Map(ctx.storage.changes())).toEqual(stored);
    expect(storage.NextOrder.get(ctx)).toBe(0);
  });
});
