import fc from "fast-check";
import { expect, test } from "vitest";
import { constants as market } from "../../pallets/marketplace/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { toldIn } from "../job/told-address.ts";
import type { Link } from "../proof/chain.ts";
import type { Agent } from "./agent-context.ts";
import { Anchoring, anchorPlan } from "./anchoring.ts";

/** Jobs as manifests allow them: at least twelve checkpoints, all but the last interval of one length. */
const job = fc
  .record({ every: fc.integer({ min: 1, max: 2_000 }), checkpoints: fc.integer({ min: 12, max: 10_000 }) })
  .chain(({ every, checkpoints }) =>
    fc.record({
      every: fc.constant(every),
      checkpoints: fc.constant(checkpoints),
      steps: fc.integer({ min: (checkpoints - 1) * every + 1, max: checkpoints * every }),
    }),
  );

test("every plan is one that the chain takes: in order, no gap too large or too small, first and last included", () => {
  fc.assert(
    fc.property(job, ({ every, checkpoints, steps }) => {
      const stepOf = (index: number) => Math.min(index * every, steps);
      const plan = [...anchorPlan({ steps, checkpoints }, stepOf)];
      expect(plan.at(0)).toBe(0);
      expect(plan.at(-1)).toBe(checkpoints);
      expect(plan.length).toBeLessThanOrEqual(market.MaxAnchors);
      for (const [i, index] of plan.slice(1).entries()) {
        const gap = stepOf(index) - stepOf(plan[i]!);
        expect(gap).toBeGreaterThan(0);
        expect(gap).toBeLessThanOrEqual(Math.ceil(steps / 10));
        if (index < checkpoints)
          expect(gap).toBeGreaterThanOrEqual(Math.ceil(steps / (market.MaxAnchors - 2)));
      }
    }),
  );
});

test("a short job anchors every checkpoint, a long one about twenty", () => {
  expect(anchorPlan({ steps: 180, checkpoints: 12 }, (i) => 15 * i).size).toBe(13);
  expect(anchorPlan({ steps: 100_000, checkpoints: 10_000 }, (i) => 10 * i).size).toBe(21);
});

const hash = `0x${"11".repeat(32)}` as const;
const links = Array.from(
  { length: 6 },
  (_, index): Link => ({
    index,
    step: index,
    checkpoint: hash,
    states: [],
    samples: hash,
    loss: 1,
    link: hash,
  }),
);

/** What is sent, each transaction as its calls: indices of anchors, addresses that are told. */
async function sending(anchored: number) {
  const sent: (number | string)[][] = [];
  const state = { fails: false };
  const wordOf = ({ type, value }: RuntimeCall): (number | string)[] => {
    const given = value.value as { calls?: RuntimeCall[]; remark: Uint8Array; index?: number };
    if (type === "Utility") return given.calls!.flatMap(wordOf);
    return [type === "System" ? toldIn(given.remark)!.uri : (given.index ?? 0)];
  };
  const known = links.slice(0, anchored).map(({ index }) => ({ index, link: new Uint8Array(32).fill(0x11) }));
  const agent = {
    chain: { read: async () => known },
    log: { info: () => undefined, warn: () => undefined },
    send: async (call: RuntimeCall) => {
      if (state.fails) throw new Error("the node is away");
      sent.push(wordOf(call));
    },
  } as unknown as Agent;
  const plan = new Set(links.map(({ index }) => index));
  const anchoring = await Anchoring.open(agent, 7, plan, links.slice(0, anchored));
  const heard: number[] = [];
  anchoring.listen(({ index }) => heard.push(index));
  return { anchoring, sent, heard, state };
}
const told = (uri: string) => ({ order: 7, uri });

test("an address is told at once or with the next anchor, and the last word counts", async () => {
  const { anchoring, sent, heard } = await sending(0);
  anchoring.add(links[0]!);
  await anchoring.done();
  anchoring.say(told("ipfs:a"), "now");
  await anchoring.done();
  anchoring.say(told("ipfs:b"), "with the next");
  anchoring.say(told("ipfs:c"), "with the next");
  await anchoring.done();
  expect(sent).toEqual([[0], ["ipfs:a"]]);
  anchoring.add(links[1]!);
  anchoring.add(links[2]!);
  await anchoring.done();
  expect(sent.slice(2)).toEqual([[1, 2, "ipfs:c"]]);
  expect(heard).toEqual([0, 2]);
});

test("a word that is lost goes with the next anchor; an anchor that is lost ends the sending", async () => {
  const { anchoring, sent, heard, state } = await sending(3);
  state.fails = true;
  anchoring.say(told("ipfs:a"), "now");
  await anchoring.done();
  state.fails = false;
  anchoring.add(links[3]!);
  await anchoring.done();
  expect(sent).toEqual([[3, "ipfs:a"]]);
  state.fails = true;
  anchoring.add(links[4]!);
  await expect(anchoring.done()).rejects.toThrow("the node is away");
  state.fails = false;
  anchoring.add(links[5]!);
  anchoring.say(told("ipfs:b"), "now");
  await expect(anchoring.done()).rejects.toThrow("the node is away");
  expect([sent.length, heard]).toEqual([1, [2, 3]]);
});
