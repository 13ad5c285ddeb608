import { calculate_state_root } from "@acala-network/chopsticks-executor";
import { decodeAddress } from "@polkadot/util-crypto/address";
import { expect, test } from "vitest";
import { storage as balances } from "../pallets/balances/index.ts";
import { scoresOf, weightOf } from "../pallets/compute-score/index.ts";
import { storage as sudo } from "../pallets/sudo/index.ts";
import { storage as system } from "../pallets/system/index.ts";
import { constants as timestamp } from "../pallets/timestamp/index.ts";
import { codeKey, codeMarker } from "../runtime/code-marker.ts";
import { buildGenesis, genesisFields } from "../runtime/genesis.ts";
import { toHex } from "../runtime/primitives/bytes.ts";
import { memoryBackend } from "../runtime/primitives/memory-backend.ts";
import { devSpec, endowment, localSpec, startingScore, testAccounts } from "./presets.ts";
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
    for (const address of Object.values(testAccounts)) {
      const { data, providers } = system.Account.get(ctx, decodeAddress(address));
      expect(data).toEqual({ free: endowment, reserved: 0n, frozen: 0n, flags: 1n << 127n });
      expect(providers).toBe(1);
    }
    expect(balances.TotalIssuance.get(ctx)).toBe(12n * endowment);
    expect(sudo.Key.get(ctx)).toEqual(decodeAddress(testAccounts["//Alice"]));
    expect(scoresOf(ctx, 0, 100).map(({ weight }) => weight)).toEqual(Array(6).fill(startingScore));
    expect(weightOf(ctx, decodeAddress(testAccounts["//Ferdie"]), 0n)).toBe(startingScore);
    expect(storage.get(codeKey)).toEqual(codeMarker);
    expect(timestamp.MinimumPeriod(ctx)).toBe(spec.id === "dev" ? 1000n : 3000n);

    const entries = storage.entries().map(([key, value]) => [toHex(key), toHex(value)] as [string, string]);
    expect(toHex(storage.root(new Map()))).toBe(await calculate_state_root(entries, 1));
  },
);

test("a specification that was printed and read begins with the same state", () => {
  const spec = devSpec();
  const read = parseChainSpec(printChainSpec(spec, genesisFields), genesisFields);
  expect(stateOf(read).entries()).toEqual(stateOf(spec).entries());
});

test("a pallet that is not there is named", () => {
  expect(() => buildGenesis({ Staking: {} })).toThrow("the runtime has no genesis for a pallet Staking");
});
