import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { balanceOnHold, freeBalance } from "../balances/index.ts";
import { alice, bob, charlie, happened, MAI, person, testChain } from "../testing/chain.ts";
import {
  bondOf,
  bondReason,
  canWork,
  constants,
  isActive,
  isTrainer,
  keysOf,
  setRequiredBond,
  storage,
  trainerOfKey,
  trainers,
} from "./index.ts";
import { enter } from "./registration.ts";
import { assertStakingInvariants } from "./testing/invariants.ts";
import { madeUpKeys, provenKeys } from "./testing/keys.ts";

const owned = {
  alice: provenKeys("//A", alice),
  again: provenKeys("//A2", alice),
  bob: provenKeys("//B", bob),
};

const begin = () => testChain([alice, bob, charlie].map((who) => [who, 1000n * MAI]));
const call = (type: string, value: unknown = {}) => ({ type: "TrainerStaking", value: { type, value } });
const withKeys = ({ keys, proof }: ReturnType<typeof provenKeys>, value?: bigint) => ({
  ...(value !== undefined && { value }),
  poh_key: keys.poh,
  gran_key: keys.gran,
  proof,
});
const register = (proven: ReturnType<typeof provenKeys>, value = 200n * MAI) =>
  call("register", withKeys(proven, value));
const setKeys = (proven: ReturnType<typeof provenKeys>) => call("set_keys", withKeys(proven));
const chilled = (ctx: Ctx, who: Uint8Array) => storage.Trainers.get(ctx, who)?.chilled;

test("a trainer has a bond on hold and two keys that are its own", () => {
  const chain = begin();
  const { ctx } = chain;
  assertOk(chain, register(owned.alice), signedOrigin(alice));
  expect(isTrainer(ctx, alice)).toBe(true);
  expect(isActive(ctx, alice)).toBe(true);
  expect(canWork(ctx, alice)).toBe(true);
  expect(bondOf(ctx, alice)).toBe(200n * MAI);
  expect(balanceOnHold(ctx, bondReason, alice)).toBe(200n * MAI);
  expect(freeBalance(ctx, alice)).toBe(800n * MAI);
  expect(keysOf(ctx, alice)).toEqual(owned.alice.keys);
  expect(trainerOfKey(ctx, "poh", owned.alice.keys.poh)).toEqual(alice);
  expect(trainerOfKey(ctx, "gran", owned.alice.keys.gran)).toEqual(alice);
  // A key counts for its own type only.
  expect(trainerOfKey(ctx, "gran", owned.alice.keys.poh)).toBeUndefined();
  expect(trainers(ctx)).toEqual([alice]);
  const { poh: poh_key, gran: gran_key } = owned.alice.keys;
  const registered = { trainer: alice, bond: 200n * MAI, poh_key, gran_key };
  expect(happened(ctx)).toContainEqual(["TrainerStaking.Registered", registered]);
  assertStakingInvariants(ctx);
});

test("of a stranger nothing is known", () => {
  const { ctx } = begin();
  expect(isTrainer(ctx, bob) || isActive(ctx, bob) || canWork(ctx, bob)).toBe(false);
  expect(bondOf(ctx, bob)).toBe(0n);
  expect(keysOf(ctx, bob)).toBeUndefined();
  expect(trainers(ctx)).toEqual([]);
});

test("register refuses what is not a new trainer with a bond and keys of its own", () => {
  const chain = begin();
  const { MinBond } = constants;
  const fails = (what: ReturnType<typeof register>, who: Uint8Array, error: string) =>
    assertNoop(chain, what, signedOrigin(who), error);
  fails(register(owned.alice, MinBond(chain.ctx) - 1n), alice, "TrainerStaking.BondTooLow");
  fails(register(owned.alice, 1000n * MAI + 1n), alice, "Token.FundsUnavailable");
  // Keeping less than the existential deposit would end the account that holds the bond.
  fails(register(owned.alice, 1000n * MAI), alice, "Token.FundsUnavailable");
  assertNoop(chain, register(owned.alice), noneOrigin, "BadOrigin");
  assertNoop(chain, register(owned.alice), rootOrigin, "BadOrigin");
  assertOk(chain, register(owned.alice, MinBond(chain.ctx)), signedOrigin(alice));
  fails(register(owned.again), alice, "TrainerStaking.AlreadyRegistered");
  fails(register(provenKeys("//A", bob)), bob, "TrainerStaking.KeyInUse");
  assertStakingInvariants(chain.ctx);
});

test("a proof is a signature by each key, for this account", () => {
  const chain = begin();
  const { keys, proof } = owned.bob;
  const swapped = new Uint8Array([...proof.subarray(64), ...proof.subarray(0, 64)]);
  const flipped = (at: number) => proof.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const proofs = [
    // Of another account's registration, which is public.
    provenKeys("//B", alice).proof,
    provenKeys("//A", bob).proof,
    swapped,
    flipped(5),
    flipped(64 + 5),
    new Uint8Array(128),
  ];
  for (const wrong of proofs) {
    assertNoop(chain, register({ keys, proof: wrong }), signedOrigin(bob), "TrainerStaking.InvalidProof");
  }
  // Each key must have signed: one good key does not let another pass.
  for (const mixed of [
    { poh: owned.alice.keys.poh, gran: keys.gran },
    { poh: keys.poh, gran: owned.alice.keys.gran },
    { poh: keys.gran, gran: keys.poh },
  ]) {
    assertNoop(chain, register({ keys: mixed, proof }), signedOrigin(bob), "TrainerStaking.InvalidProof");
  }
  assertOk(chain, register(owned.bob), signedOrigin(bob));
});

test("one of two keys in use is enough to refuse both", () => {
  const chain = begin();
  assertOk(chain, register(owned.alice), signedOrigin(alice));
  const { poh, gran } = owned.alice.keys;
  for (const keys of [
    { poh, gran: owned.bob.keys.gran },
    { poh: owned.bob.keys.poh, gran },
  ]) {
    const taken = register({ keys, proof: owned.bob.proof });
    assertNoop(chain, taken, signedOrigin(bob), "TrainerStaking.KeyInUse");
  }
});

test("there are at most `MaxTrainers`", () => {
  const chain = begin();
  storage.CounterForTrainers.set(chain.ctx, constants.MaxTrainers);
  assertNoop(chain, register(owned.alice), signedOrigin(alice), "TrainerStaking.TooManyTrainers");
});

test("set_keys changes both keys and frees the old ones", () => {
  const chain = begin();
  const { ctx } = chain;
  assertNoop(chain, setKeys(owned.alice), signedOrigin(alice), "TrainerStaking.NotRegistered");
  assertOk(chain, register(owned.alice), signedOrigin(alice));
  assertNoop(chain, setKeys(owned.alice), signedOrigin(alice), "TrainerStaking.KeyInUse");
  const foreign = { keys: owned.again.keys, proof: provenKeys("//A2", bob).proof };
  assertNoop(chain, setKeys(foreign), signedOrigin(alice), "TrainerStaking.InvalidProof");
  assertNoop(chain, setKeys(owned.again), rootOrigin, "BadOrigin");
  assertOk(chain, setKeys(owned.again), signedOrigin(alice));
  expect(keysOf(ctx, alice)).toEqual(owned.again.keys);
  expect(trainerOfKey(ctx, "poh", owned.alice.keys.poh)).toBeUndefined();
  expect(trainerOfKey(ctx, "gran", owned.alice.keys.gran)).toBeUndefined();
  const { poh: poh_key, gran: gran_key } = owned.again.keys;
  expect(happened(ctx)).toContainEqual(["TrainerStaking.KeysSet", { trainer: alice, poh_key, gran_key }]);
  // Whoever has the old keys may use them.
  assertOk(chain, register(provenKeys("//A", bob)), signedOrigin(bob));
  assertStakingInvariants(ctx);
});

test("who chills is not active until it resumes", () => {
  const chain = begin();
  const { ctx } = chain;
  for (const type of ["chill", "resume"]) {
    assertNoop(chain, call(type), signedOrigin(alice), "TrainerStaking.NotRegistered");
    assertNoop(chain, call(type), noneOrigin, "BadOrigin");
  }
  assertOk(chain, register(owned.alice), signedOrigin(alice));
  assertNoop(chain, call("resume"), signedOrigin(alice), "TrainerStaking.NotChilled");
  assertOk(chain, call("chill"), signedOrigin(alice));
  expect(chilled(ctx, alice)).toBe(true);
  expect(isTrainer(ctx, alice)).toBe(true);
  expect(isActive(ctx, alice) || canWork(ctx, alice)).toBe(false);
  assertNoop(chain, call("chill"), signedOrigin(alice), "TrainerStaking.AlreadyChilled");
  storage.Trainers.mutate(ctx, alice, (trainer) => trainer && { ...trainer, bond: MAI });
  assertNoop(chain, call("resume"), signedOrigin(alice), "TrainerStaking.BondTooLow");
  storage.Trainers.mutate(ctx, alice, (trainer) => trainer && { ...trainer, bond: 200n * MAI });
  assertOk(chain, call("resume"), signedOrigin(alice));
  expect(isActive(ctx, alice)).toBe(true);
  expect(happened(ctx).slice(-2)).toEqual([
    ["TrainerStaking.Chilled", { trainer: alice }],
    ["TrainerStaking.Resumed", { trainer: alice }],
  ]);
});

test("who has machines cannot leave; who leaves unbonds everything and frees its keys", () => {
  const chain = begin();
  const { ctx } = chain;
  assertNoop(chain, call("deregister"), signedOrigin(alice), "TrainerStaking.NotRegistered");
  assertOk(chain, register(owned.alice), signedOrigin(alice));
  setRequiredBond(ctx, alice, 50n * MAI);
  assertNoop(chain, call("deregister"), signedOrigin(alice), "TrainerStaking.BondRequired");
  setRequiredBond(ctx, alice, 0n);
  assertNoop(chain, call("deregister"), noneOrigin, "BadOrigin");
  assertOk(chain, call("deregister"), signedOrigin(alice));
  expect(isTrainer(ctx, alice)).toBe(false);
  expect(balanceOnHold(ctx, bondReason, alice)).toBe(200n * MAI);
  expect(happened(ctx).at(-1)).toEqual(["TrainerStaking.Deregistered", { trainer: alice }]);
  assertStakingInvariants(ctx);
  // And may come back at once, with the same keys and another bond.
  assertOk(chain, register(owned.alice, 300n * MAI), signedOrigin(alice));
  expect(balanceOnHold(ctx, bondReason, alice)).toBe(500n * MAI);
  assertStakingInvariants(ctx);
});

test("a bond below what machines need keeps a trainer from work, not from its place", () => {
  const { ctx } = begin();
  enter(ctx, alice, 200n * MAI, madeUpKeys(1));
  setRequiredBond(ctx, alice, 200n * MAI);
  expect(canWork(ctx, alice)).toBe(true);
  setRequiredBond(ctx, alice, 200n * MAI + 1n);
  expect(canWork(ctx, alice)).toBe(false);
  expect(isActive(ctx, alice)).toBe(true);
  expect(() => setRequiredBond(ctx, person(9), 1n)).toThrow("TrainerStaking.NotRegistered");
});
