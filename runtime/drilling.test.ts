/** Machines and drilling on the whole runtime, by signed extrinsics alone; every block is executed again elsewhere. */
import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { expect, test } from "vitest";
import { freeBalance } from "../pallets/balances/index.ts";
import { scoreOf } from "../pallets/compute-score/index.ts";
import { commitmentOf, storage as drilling } from "../pallets/drilling/index.ts";
import { checkDrilling } from "../pallets/drilling/testing/invariants.ts";
import { constants, machineOf, storage as machines } from "../pallets/machines/index.ts";
import { checkMachines } from "../pallets/machines/testing/invariants.ts";
import { solve } from "../pallets/machines/testing/solver.ts";
import { storage as system } from "../pallets/system/index.ts";
import { happened } from "../pallets/testing/chain.ts";
import { madeUpKeys } from "../pallets/trainer-staking/testing/keys.ts";
import { executeBlock } from "./executive.ts";
import type { Ctx } from "./frame/ctx.ts";
import { type RuntimeCall, runtime } from "./index.ts";
import { compareBytes, textBytes } from "./primitives/bytes.ts";
import { Overlay } from "./primitives/overlay.ts";
import { alice, charlie, TestChain, unit } from "./testing/test-chain.ts";

const bond = 500n * unit;
const difficulty = 3_000_000n;
const reward = unit / 100n;

/** Whoever builds the blocks must stay first in the lists, which are in the order of storage keys. */
const keyring = new Keyring({ type: "sr25519" });
const comesLater = ({ publicKey }: KeyringPair) =>
  compareBytes(system.Account.key(publicKey), system.Account.key(charlie.publicKey)) > 0;
const others = Array.from({ length: 20 }, (_, i) => keyring.createFromUri(`//Trainer${i}`)).filter(
  comesLater,
);
const trainers = [charlie, ...others.slice(0, 2)];

function begin(): TestChain {
  return new TestChain({
    Balances: { balances: [alice, ...trainers].map((pair) => [pair.publicKey, 10_000n * unit]) },
    Poh: { epochLength: 100n },
    Drilling: { voteWindow: 2 },
    TrainerStaking: {
      trainers: trainers.map((pair, i) => {
        const { poh: poh_key, gran: gran_key } = madeUpKeys(i + 1);
        return { trainer: pair.publicKey, poh_key, gran_key, bond };
      }),
    },
  });
}

const chain = begin();
const replay = begin();
const nonces = new Map<KeyringPair, number>();
const ctxOf = (): Ctx => runtime.context(chain.view());

/** Builds a block of these calls, all of which must succeed, and executes it on the other chain. */
function build(...calls: readonly (readonly [KeyringPair, RuntimeCall])[]): string[] {
  const extrinsics = calls.map(([who, call]) => {
    const nonce = nonces.get(who) ?? 0;
    nonces.set(who, nonce + 1);
    return chain.sign(who, call, { nonce });
  });
  const { block, results } = chain.build(extrinsics);
  expect(results).toEqual(calls.map(() => ({ type: "Ok", value: { type: "Ok" } })));
  const storage = new Overlay(replay.backend);
  executeBlock(storage, block);
  replay.backend.apply(storage.changes());
  const ctx = ctxOf();
  checkDrilling(ctx);
  checkMachines(ctx);
  return happened(ctx).map(([name]) => name);
}

const machineCall = (value: Extract<RuntimeCall, { type: "Machines" }>["value"]): RuntimeCall => ({
  type: "Machines",
  value,
});
const drillCall = (value: Extract<RuntimeCall, { type: "Drilling" }>["value"]): RuntimeCall => ({
  type: "Drilling",
  value,
});
const idOf = (pair: KeyringPair) => pair.publicKey.slice(0, 16);

test("machines prove themselves, a project publishes, trainers approve, drill, agree and are paid", () => {
  build();
  build(
    ...trainers.map((pair) => {
      const value = { id: idOf(pair), metadata: textBytes('{"cpu":"one"}'), declared_capacity: 1n };
      return [pair, machineCall({ type: "add_machine", value })] as const;
    }),
  );
  expect(build()).toContain("Machines.ChallengeIssued");
  const solved = trainers.map((pair) => solve(machines.Challenges.get(ctxOf(), idOf(pair))!));
  build(
    ...trainers.map((pair, i) => {
      const value = { id: idOf(pair), root: solved[i]!.commitment };
      return [pair, machineCall({ type: "commit_challenge", value })] as const;
    }),
  );
  expect(build()).toContain("Machines.EntriesPicked");
  const measured = build(
    ...trainers.map((pair, i) => {
      const { randomness } = machines.Challenges.get(ctxOf(), idOf(pair))!;
      const openings = solved[i]!.open(randomness!, constants.Picks);
      const entries = openings.map(({ leaf }) => leaf);
      const proof = { roots: solved[i]!.roots, paths: openings.map(({ siblings }) => siblings) };
      return [
        pair,
        machineCall({ type: "answer_challenge", value: { id: idOf(pair), entries, proof } }),
      ] as const;
    }),
  );
  expect(measured.filter((name) => name === "Machines.CapacityMeasured")).toHaveLength(3);
  for (const pair of trainers) expect(machineOf(ctxOf(), idOf(pair))!.available).toBe(true);

  build([
    alice,
    drillCall({ type: "register_project", value: { name: textBytes("p"), uri: textBytes("u") } }),
  ]);
  const file = { hash: alice.publicKey, uri: textBytes("ipfs:x") };
  const spec = {
    model: file,
    inputs: file,
    rule: { type: "Labels" },
    units: 1,
    difficulty,
    quorum: 2,
    reward,
    commit_window: 5,
    reveal_window: 5,
    canaries: undefined,
  } as const;
  build([alice, drillCall({ type: "publish_task", value: { project: 0, spec } })]);
  build(
    ...trainers.map(
      (pair) => [pair, drillCall({ type: "vote_task", value: { task: 0, aye: true } })] as const,
    ),
  );
  expect(build()).toContain("Drilling.TaskApproved");
  build(
    ...trainers.map((pair) => {
      const value = { machine: idOf(pair), max_units: 1 };
      return [pair, drillCall({ type: "request_work", value })] as const;
    }),
  );
  expect(build()).toContain("Drilling.QuorumFormed");
  const key = { task: 0, unit: 0 };
  const seats = drilling.Units.get(ctxOf(), 0, 0)!.seats.map(({ trainer }) => Buffer.from(trainer));
  const members = trainers.filter(({ publicKey }) => seats.some((seat) => seat.equals(publicKey)));
  expect(members).toHaveLength(2);
  const [result, salt] = [alice.publicKey, charlie.publicKey];
  build(
    ...members.map((pair) => {
      const commitment = commitmentOf(key, pair.publicKey, result, salt);
      return [pair, drillCall({ type: "commit_result", value: { ...key, commitment } })] as const;
    }),
  );
  const before = members.map(({ publicKey }) => freeBalance(ctxOf(), publicKey));
  const agreed = build(
    ...members.map(
      (pair) => [pair, drillCall({ type: "reveal_result", value: { ...key, result, salt } })] as const,
    ),
  );
  expect(agreed).toContain("Drilling.UnitAgreed");
  expect(agreed).toContain("Drilling.TaskClosed");
  for (const [i, { publicKey }] of members.entries()) {
    expect(scoreOf(ctxOf(), publicKey).drilling.total).toBe(difficulty);
    // The reward and the bond, less a fee; Charlie gets fees and the block's reward besides.
    expect(freeBalance(ctxOf(), publicKey)).toBeGreaterThan(before[i]!);
  }
});
