import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertOk } from "../../runtime/frame/testing/expectations.ts";
import { storage as poh } from "../poh/index.ts";
import { alice, clearEvents, eventNames, MAI, testChain } from "../testing/chain.ts";
import { constants, setRequiredBond, slashBond, storage, trainerStaking } from "./index.ts";
import { enter } from "./registration.ts";
import { trainerChanges, trainerStates } from "./states.ts";
import { provenKeys } from "./testing/keys.ts";
import { trainerStateOf } from "./trainer.ts";

const { keys, proof } = provenKeys("//A", alice);
const evidence = new Uint8Array(32);
const subject = { type: "Machine", value: new Uint8Array(16) } as const;
const epoch = 5n;

type Chain = ReturnType<typeof testChain>;

/** A registered trainer in a state. */
function inState(state: string): Chain {
  const chain = testChain([[alice, 1_000n * MAI]]);
  const { ctx } = chain;
  poh.EpochIndex.set(ctx, epoch);
  if (state === "new") return chain;
  enter(ctx, alice, 200n * MAI, keys);
  if (state === "Limited") setRequiredBond(ctx, alice, 201n * MAI);
  if (state === "Short") slash(ctx, 150n);
  if (state === "Resting") send(chain, "chill");
  if (state === "Suspended") equivocate(ctx);
  return chain;
}

const send = (chain: Chain, type: string, value: object = {}) =>
  assertOk(chain, { type: "TrainerStaking", value: { type, value } }, signedOrigin(alice));
const slash = (ctx: Ctx, mai: bigint) =>
  slashBond(ctx, { trainer: alice, amount: mai * MAI, reason: "ChallengeFailed", subject, evidence });
function equivocate(ctx: Ctx): void {
  poh.Offences.set(ctx, [
    { offender: alice, reporter: undefined, kind: "BlockEquivocation", evidence, slot: 50n },
  ]);
  trainerStaking.onFinalize?.(ctx, 1);
}

/** How the table's causes come about. */
const causes: Record<string, (chain: Chain, to: string) => void> = {
  register: (chain) =>
    send(chain, "register", { value: 200n * MAI, poh_key: keys.poh, gran_key: keys.gran, proof }),
  add_machine: ({ ctx }) => setRequiredBond(ctx, alice, 201n * MAI),
  remove_machine: ({ ctx }) => setRequiredBond(ctx, alice, 0n),
  bond_extra: (chain) => send(chain, "bond_extra", { value: 100n * MAI }),
  "a slash": ({ ctx }, to) => {
    if (to === "Limited") setRequiredBond(ctx, alice, 200n * MAI);
    slash(ctx, to === "Limited" ? 1n : 150n);
  },
  "an equivocation": ({ ctx }) => equivocate(ctx),
  "the end of `SuspensionEpochs`": ({ ctx }) =>
    poh.EpochIndex.set(ctx, epoch + 1n + BigInt(constants.SuspensionEpochs)),
  chill: (chain) => send(chain, "chill"),
  resume: (chain) => send(chain, "resume"),
  unbond: (chain) => send(chain, "unbond", { value: MAI }),
  withdraw_unbonded: (chain) => {
    storage.Unbonding.set(chain.ctx, alice, [{ value: MAI, epoch }]);
    send(chain, "withdraw_unbonded");
  },
  deregister: (chain) => send(chain, "deregister"),
};

test.each(trainerChanges)("from $from to $to by $by", ({ from, to, by, event }) => {
  const chain = inState(from);
  const { ctx } = chain;
  expect(trainerStateOf(ctx, alice) ?? "new").toBe(from);
  clearEvents(ctx);
  causes[by]!(chain, to);
  expect(trainerStateOf(ctx, alice) ?? "Gone").toBe(to);
  if (!event.includes(".")) expect(eventNames(ctx)).toContain(`TrainerStaking.${event}`);
});

test("every state is reached, and left", () => {
  for (const state of trainerStates) {
    expect(trainerChanges.some(({ to }) => to === state)).toBe(true);
    expect(trainerChanges.some(({ from, to }) => from === state && to !== state)).toBe(true);
  }
});
