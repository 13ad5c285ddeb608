import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChainSpec } from "../../../chain-spec/chain-spec.ts";
import { devSpec } from "../../../chain-spec/presets.ts";
import { printChainSpec } from "../../../chain-spec/spec-file.ts";
import { genesisFields } from "../../../runtime/genesis.ts";

/** In blocks, as the chain's parameters say. */
export const windows = {
  vote: 5,
  silence: 12,
  stop: 12,
  inspect: 4,
  reveal: 3,
  appeal: 3,
  release: 2,
  votes: 4,
} as const;
export const epochLength = 10;

/**
 * The development chain with Alice as its only trainer, and windows of a few blocks. Slots are long: blocks that are made
 * on request come faster, so each takes the slot after the one before, however slow the machine is.
 */
function economySpec(): ChainSpec {
  const spec = devSpec(1);
  if (spec.genesis.type !== "config") throw new Error("the development chain has a configuration");
  return {
    ...spec,
    name: "Economy",
    id: "economy",
    genesis: {
      type: "config",
      config: {
        ...spec.genesis.config,
        Timestamp: { minimumPeriod: 3_000n },
        Poh: { epochLength: BigInt(epochLength) },
        Drilling: { voteWindow: windows.vote },
        Marketplace: { minSilence: windows.silence, stopWindow: windows.stop, historyKept: 2_000 },
        ProofOfTraining: {
          commitWindow: windows.inspect,
          revealWindow: windows.reveal,
          appealWindow: windows.appeal,
          releaseWindow: windows.release,
        },
        Referenda: { votingPeriod: windows.votes, enactmentDelay: 2 },
        Rewards: { vestingPeriod: 100 },
      },
    },
  };
}

/** Writes the chain's specification into a folder of its own; returns its path, and what removes it. */
export function writeSpec(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "matrixai-economy-"));
  const file = join(folder, "economy.json");
  writeFileSync(file, printChainSpec(economySpec(), genesisFields));
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
