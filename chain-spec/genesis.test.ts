import { calculate_state_root } from "@acala-network/chopsticks-executor";
import { Keyring } from "@polkadot/keyring";
import { decodeAddress } from "@polkadot/util-crypto/address";
import { expect, test } from "vitest";
import { storage as balances } from "../pallets/balances/index.ts";
import { scoresOf } from "../pallets/compute-score/index.ts";
import { currentAuthorities } from "../pallets/grandpa/index.ts";
import { authorities, constants as poh } from "../pallets/poh/index.ts";
import { storage as sudo } from "../pallets/sudo/index.ts";
import { storage as system } from "../pallets/system/index.ts";
import { constants as timestamp } from "../pallets/timestamp/index.ts";
import { keysOf, constants as staking, trainers } from "../pallets/trainer-staking/index.ts";
import { codeKey, codeMarker } from "../runtime/code-marker.ts";
import { buildGenesis, genesisFields } from "../runtime/genesis.ts";
import { toHex } from "../runtime/primitives/bytes.ts";
import { memoryBackend } from "../runtime/primitives/memory-backend.ts";
import {
  decidingBond,
  devSpec,
  endowment,
  localSpec,
  smallScore,
  startingBond,
  startingScore,
  testAccounts,
} from "./presets.ts";
import { parseChainSpec, printChainSpec } from "./spec-file.ts";

const stateOf = (spec: ReturnType<typeof devSpec>) => {
  if (spec.genesis.type !== "config") throw new Error("presets are written as configuration");
  const backend = memoryBackend();
  backend.apply(buildGenesis(spec.genesis.config));
  return backend;
};

test.each([devSpec(), localSpec()])(
  "$id begins with the test accounts, and with a root that others compute",
  async (spec) => {
    const storage = stateOf(spec);
    const ctx = { storage };
    const count = 4;
    const score = spec.id === "dev" ? smallScore : startingScore;
    const bonds = [spec.id === "dev" ? decidingBond : startingBond, ...Array(count - 1).fill(startingBond)];
    for (const [i, address] of Object.values(testAccounts).entries()) {
      const reserved = bonds[i] ?? 0n;
      const { data, providers } = system.Account.get(ctx, decodeAddress(address));
      expect(data).toEqual({ free: endowment - reserved, reserved, frozen: 0n, flags: 1n << 127n });
      expect(providers).toBe(1);
    }
    expect(balances.TotalIssuance.get(ctx)).toBe(12n * endowment);
    expect(sudo.Key.get(ctx)).toEqual(decodeAddress(testAccounts["//Alice"]));
    expect(scoresOf(ctx, 0, 100).map(({ weight }) => weight)).toEqual(Array(count).fill(score));
    expect(authorities(ctx).map(({ weight }) => weight)).toEqual(Array(count).fill(score));
    const votes = currentAuthorities(ctx).map(([, weight]) => weight);
    expect(votes.toSorted()).toEqual(bonds.map((bond) => bond / 1_000_000_000n).toSorted());
    expect(trainers(ctx)).toHaveLength(count);
    expect(staking.UnbondingEpochs(ctx)).toBe(spec.id === "dev" ? 10 : 28);
    expect(storage.get(codeKey)).toEqual(codeMarker);
    expect(timestamp.MinimumPeriod(ctx)).toBe(spec.id === "dev" ? 1000n : 3000n);

    const entries = storage.entries().map(([key, value]) => [toHex(key), toHex(value)] as [string, string]);
    expect(toHex(storage.root(new Map()))).toBe(await calculate_state_root(entries, 1));
  },
);

test("the session keys of the test trainers are those of their secrets", () => {
  const ctx = { storage: stateOf(localSpec(6)) };
  for (const name of ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"] as const) {
    const keyOf = (type: "sr25519" | "ed25519") => new Keyring({ type }).createFromUri(`//${name}`).publicKey;
    const keys = { poh: keyOf("sr25519"), gran: keyOf("ed25519") };
    expect(keysOf(ctx, decodeAddress(testAccounts[`//${name}`]))).toEqual(keys);
  }
});

test("a specification that was printed and read begins with the same state", () => {
  const spec = devSpec();
  const read = parseChainSpec(printChainSpec(spec, genesisFields), genesisFields);
  expect(stateOf(read).entries()).toEqual(stateOf(spec).entries());
});

test("a file decides on slots, epochs, weights and bonds", () => {
  const json = JSON.parse(printChainSpec(localSpec(2), genesisFields));
  const { patch } = json.genesis.runtimeGenesis;
  patch.timestamp.minimumPeriod = 500;
  patch.poh.epochLength = 5;
  patch.computeScore.scores[0] = { ...patch.computeScore.scores[0], drilling: 70, training: 70 };
  patch.computeScore.scores[1] = { ...patch.computeScore.scores[1], drilling: 30, training: 30 };
  patch.trainerStaking.trainers[1].bond = 3_000_000_000_000;
  Object.assign(patch.trainerStaking, { minBond: 1_000_000_000_000, unbondingEpochs: 2 });
  const ctx = { storage: stateOf(parseChainSpec(JSON.stringify(json), genesisFields)) };
  expect(timestamp.MinimumPeriod(ctx)).toBe(500n);
  expect(poh.EpochLength(ctx)).toBe(5n);
  expect(staking.MinBond(ctx)).toBe(1_000_000_000_000n);
  expect(staking.UnbondingEpochs(ctx)).toBe(2);
  expect(new Set(authorities(ctx).map(({ weight }) => weight))).toEqual(new Set([70n, 30n]));
  expect(new Set(currentAuthorities(ctx).map(([, weight]) => weight))).toEqual(
    new Set([10_000_000n, 3_000n]),
  );
});

test("a pallet that is not there is named", () => {
  expect(() => buildGenesis({ Staking: {} })).toThrow("the runtime has no genesis for a pallet Staking");
});
