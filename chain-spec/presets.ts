import { decodeAddress } from "@polkadot/util-crypto/address";
import type { GenesisConfig } from "../runtime/genesis.ts";
import type { ChainSpec, ChainType } from "./chain-spec.ts";
import { type TestTrainer, testTrainers } from "./test-trainers.ts";

/** Substrate's test accounts, `//Alice` to `//Ferdie` and their `//stash` twins; their keys are public knowledge. */
export const testAccounts = {
  "//Alice": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
  "//Bob": "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty",
  "//Charlie": "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y",
  "//Dave": "5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy",
  "//Eve": "5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw",
  "//Ferdie": "5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL",
  "//Alice//stash": "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY",
  "//Bob//stash": "5HpG9w8EBLe5XCrbczpwq5TSXvedjrBGCwqxK1iQ7qUsSWFc",
  "//Charlie//stash": "5Ck5SLSHYac6WFt5UZRSsdJjwmpSZq85fd5TRNAdZQVzEAPT",
  "//Dave//stash": "5HKPmK9GYtE1PSLsS1qiYU9xQ9Si1NcEhdeCq9sw5bqu4ns8",
  "//Eve//stash": "5FCfAonRZgTFrTd9HREEyeJjDpT397KMzizE6T3DvebLFE7n",
  "//Ferdie//stash": "5CRmqmsiNFExV6VbdmPJViVxrWmkaXXvBrSX8oqBT8R9vmWk",
} as const;

/** Substrate's endowment of a test account: 2^60 of the smallest unit, 1,152,921.504606846976 MAI. */
export const endowment = 1n << 60n;

/** What a test trainer starts with, for drilling and for training: 200 ut per day, a GFLOPS day and night, in uut. */
export const startingScore = 200_000_000n;

/** The same on `dev`: 0.1 ut per day, so little that an order for a minute's work can be seen in the lottery. */
export const smallScore = startingScore / 2_000n;

/** What a test trainer has bonded of its endowment: 10,000 MAI. */
export const startingBond = 10_000_000_000_000_000n;

/** What Alice has bonded on `dev`: more than two thirds of all bonds, so that her vote alone makes blocks final. */
export const decidingBond = 10n * startingBond;

/** What the test chains differ in. */
interface Terms {
  readonly name: string;
  readonly id: string;
  readonly chainType: ChainType;
  /** Length of a slot; Timestamp's minimum period is half of one, as clients assume. */
  readonly slotMs: bigint;
  /** Slots of an epoch. */
  readonly epochLength: bigint;
  /** For how many epochs a bond is held after its unbonding began. */
  readonly unbondingEpochs: number;
  /** Who make blocks from the start, all of one weight. */
  readonly trainers: readonly TestTrainer[];
  /** What each has for drilling and for training, in uut per day. */
  readonly score: bigint;
  /** What the first of them has bonded; the others have `startingBond`. */
  readonly firstBond: bigint;
  /** What other pallets are told, by their names: periods in blocks. */
  readonly periods: GenesisConfig;
}

/** Trainers of `dev`: one for an order, and three who inspect its proof. */
export const devTrainers = 4;

/** One node with the keys of all trainers, the first `count` of the six; fast slots. Alice decides what is final. */
export const devSpec = (count = devTrainers): ChainSpec =>
  testChain({
    name: "Development",
    id: "dev",
    chainType: "Development",
    slotMs: 2_000n,
    epochLength: 15n,
    unbondingEpochs: 10,
    trainers: testTrainers.slice(0, count),
    score: smallScore,
    firstBond: decidingBond,
    periods: {
      Drilling: { voteWindow: 8 },
      Marketplace: { minSilence: 30, stopWindow: 60, historyKept: 2_000 },
      ProofOfTraining: { commitWindow: 45, revealWindow: 15, appealWindow: 2, releaseWindow: 15 },
      Rewards: { vestingPeriod: 2_000 },
      Referenda: { votingPeriod: 60, enactmentDelay: 10 },
    },
  });

/** A few nodes on one machine or one network, slots as on the live chain; its trainers are the first `count` of the six. */
export const localSpec = (count = 4): ChainSpec =>
  testChain({
    name: "Local Testnet",
    id: "local_testnet",
    chainType: "Local",
    slotMs: 6_000n,
    epochLength: 100n,
    unbondingEpochs: 28,
    trainers: testTrainers.slice(0, count),
    score: startingScore,
    firstBond: startingBond,
    periods: {
      Drilling: { voteWindow: 50 },
      Marketplace: { minSilence: 30, stopWindow: 100, historyKept: 10_000 },
      ProofOfTraining: { commitWindow: 60, revealWindow: 15, appealWindow: 20, releaseWindow: 15 },
      // Votes are cast for less than half of the time for which unbonding stake stays.
      Referenda: { votingPeriod: 1_000, enactmentDelay: 100 },
    },
  });

function testChain({
  name,
  id,
  chainType,
  slotMs,
  epochLength,
  unbondingEpochs,
  trainers,
  score,
  firstBond,
  periods,
}: Terms): ChainSpec {
  const accounts = Object.values(testAccounts).map((address) => decodeAddress(address));
  const entries = trainers.map(({ uri, votingKey }) => ({
    trainer: decodeAddress(testAccounts[uri]),
    votingKey,
  }));
  return {
    name,
    id,
    chainType,
    bootNodes: [],
    forkId: undefined,
    properties: { ss58Format: 42, tokenDecimals: 12, tokenSymbol: "MAI" },
    genesis: {
      type: "config",
      config: {
        ...periods,
        Timestamp: { minimumPeriod: slotMs / 2n },
        Balances: { balances: accounts.map((account) => [account, endowment]) },
        Sudo: { key: accounts[0] },
        Poh: { epochLength },
        ComputeScore: {
          scores: entries.map(({ trainer }) => ({
            trainer,
            drilling: score,
            training: score,
          })),
        },
        TrainerStaking: {
          unbondingEpochs,
          trainers: entries.map(({ trainer, votingKey }, place) => ({
            trainer,
            // The account of a test secret is its sr25519 key.
            poh_key: trainer,
            gran_key: votingKey,
            bond: place === 0 ? firstBond : startingBond,
          })),
        },
      },
    },
  };
}
