import { Keyring } from "@polkadot/keyring";
import { expect, test } from "vitest";
import { accountId } from "../runtime/primitives/account.ts";
import { fixedBytes } from "../runtime/primitives/codec-bytes.ts";
import { vec } from "../runtime/primitives/codec-list.ts";
import { u32, u64, u128 } from "../runtime/primitives/codec-number.ts";
import { struct, tuple } from "../runtime/primitives/codec-struct.ts";
import { option } from "../runtime/primitives/codec-tagged.ts";
import type { GenesisFields } from "./genesis-json.ts";
import { parseJson, printJson } from "./json-text.ts";
import { devSpec, localSpec, testAccounts } from "./presets.ts";
import { parseChainSpec, printChainSpec } from "./spec-file.ts";

const key = fixedBytes(32);
const firstTrainer = struct("Trainer", { trainer: accountId, poh_key: key, gran_key: key, bond: u128 });
const known: GenesisFields = new Map<string, GenesisFields extends ReadonlyMap<string, infer F> ? F : never>([
  ["Timestamp", { minimumPeriod: u64 }],
  ["Balances", { balances: vec(tuple(accountId, u128)) }],
  ["Sudo", { key: option(accountId) }],
  ["ComputeScore", { scores: vec(struct("Score", { trainer: accountId, drilling: u128, training: u128 })) }],
  ["Poh", { epochLength: u64 }],
  ["Drilling", { voteWindow: u32 }],
  ["Marketplace", { minSilence: u32, stopWindow: u32, historyKept: u32 }],
  ["ProofOfTraining", { commitWindow: u32, revealWindow: u32, appealWindow: u32, releaseWindow: u32 }],
  ["Rewards", { vestingPeriod: u32 }],
  ["Referenda", { votingPeriod: u32, enactmentDelay: u32 }],
  ["TrainerStaking", { unbondingEpochs: u32, trainers: vec(firstTrainer) }],
]);

/** The printed preset with one change, read again. */
const changed = (change: (json: Record<string, unknown>) => void): (() => unknown) => {
  const json = parseJson(printChainSpec(devSpec(), known)) as Record<string, unknown>;
  change(json);
  return () => parseChainSpec(printJson(json as never), known);
};

test("presets survive printing and reading", () => {
  for (const spec of [devSpec(), localSpec()]) {
    expect(parseChainSpec(printChainSpec(spec, known), known)).toEqual(spec);
  }
});

test("test accounts are the ones that Substrate's keyring derives", () => {
  const keyring = new Keyring({ type: "sr25519" });
  for (const [uri, address] of Object.entries(testAccounts)) {
    expect(keyring.addFromUri(uri).address).toBe(address);
  }
});

test("integers keep every digit", () => {
  const text = '{"large":340282366920938463463374607431768211455,"small":7,"real":0.5}';
  expect(parseJson(text)).toEqual({ large: 2n ** 128n - 1n, small: 7, real: 0.5 });
  expect(parseJson(printJson(parseJson(text)))).toEqual(parseJson(text));
});

test("a raw genesis keeps its entries", () => {
  const top = [
    [Uint8Array.of(0x3a, 1), Uint8Array.of()],
    [Uint8Array.of(0x3a, 2), new Uint8Array(40)],
  ] as const;
  const spec = { ...devSpec(), genesis: { type: "raw", top } as const };
  expect(parseChainSpec(printChainSpec(spec, known), known)).toEqual(spec);
});

type Patch = {
  runtimeGenesis: { patch: { balances: { balances: unknown[] }; sudo: Record<string, unknown> } };
};
const patchOf = (json: Record<string, unknown>) => (json.genesis as Patch).runtimeGenesis.patch;

test.each<[field: string, change: (json: Record<string, unknown>) => void]>([
  ["id", (json) => Object.assign(json, { id: "no spaces please" })],
  ["chainType", (json) => Object.assign(json, { chainType: "Testing" })],
  ["bootNodes.0", (json) => Object.assign(json, { bootNodes: ["10.0.0.1:30333"] })],
  ["properties.tokenDecimals", (json) => Object.assign(json, { properties: { tokenDecimals: 99 } })],
  ["genesis", (json) => Object.assign(json, { genesis: {} })],
  ["genesis.runtimeGenesis.patch.sudo.key", (json) => Object.assign(patchOf(json).sudo, { key: "5Grw" })],
  ["genesis.runtimeGenesis.patch.sudo.root", (json) => Object.assign(patchOf(json).sudo, { root: null })],
  ["genesis.runtimeGenesis.patch.staking", (json) => Object.assign(patchOf(json), { staking: {} })],
  [
    "genesis.runtimeGenesis.patch.balances.balances[1][1]",
    (json) => patchOf(json).balances.balances.splice(1, 1, [testAccounts["//Bob"], -1]),
  ],
  [
    "genesis.runtimeGenesis.patch.balances.balances[0]",
    (json) => patchOf(json).balances.balances.splice(0, 1, [testAccounts["//Bob"]]),
  ],
])("a bad file is refused by the name of the field: %s", (field, change) => {
  expect(changed(change)).toThrow(expect.objectContaining({ name: "SpecError", field }) as Error);
});

test("text that is not JSON is refused", () => {
  expect(() => parseChainSpec("{", known)).toThrow(/not JSON/);
});
