/** What a node tells: whether it follows the chain, whether the clock is right, and how an account stands. */
import { storage as system } from "../../../pallets/system/index.ts";
import { storage as timestamp } from "../../../pallets/timestamp/index.ts";
import { storage as trainers } from "../../../pallets/trainer-staking/index.ts";
import { epochs } from "../../../runtime/apis/poh.ts";
import { toHex } from "../../../runtime/primitives/bytes.ts";
import { ChainClient } from "../../client/chain-client.ts";
import { type Explanation, explanationOf } from "../../client/queries.ts";
import { addressOf } from "../chain/account.ts";
import { amountText } from "../chain/amount.ts";
import { obstacleLines } from "../chain/obstacles.ts";
import type { Check } from "./check.ts";
import type { KeyFile } from "./local.ts";

const connectMs = 5_000;
/** Blocks may be late by so many slots before somebody should look. */
const lateSlots = 5;
/** An account with less soon cannot pay for its transactions. */
const littleFree = 10n ** 13n;

/** A connection, or why there is none. */
export async function nodeAt(url: string): Promise<ChainClient | Check> {
  try {
    return await ChainClient.connect(url, { timeoutMs: connectMs });
  } catch (error) {
    const advice = "start one with `matrixai node`, or name another with --url";
    return { name: "node", state: "unknown", says: (error as Error).message, advice };
  }
}

interface Health {
  readonly peers: number;
  readonly isSyncing: boolean;
  readonly shouldHavePeers: boolean;
}

/** The node and the clock. */
export async function nodeChecks(chain: ChainClient): Promise<Check[]> {
  const health = await chain.request<Health>("system_health");
  const name = await chain.request<string>("system_chain");
  const { isSyncing, peers, shouldHavePeers } = health;
  const says = `${chain.url}, chain ${name}, ${peers} peers${isSyncing ? ", catching up" : ""}`;
  const lonely = shouldHavePeers && peers === 0;
  const node: Check = {
    name: "node",
    state: lonely || isSyncing ? "attention" : "good",
    says,
    ...(lonely && { advice: "give it --bootnodes, and open its --port" }),
  };
  return [node, await clockCheck(chain, isSyncing)];
}

/** A block's time lies in its slot, so the head tells what time others have. */
async function clockCheck(chain: ChainClient, isSyncing: boolean): Promise<Check> {
  const name = "clock";
  const [told, { slot_duration }] = await Promise.all([
    chain.read(timestamp.Now, []),
    chain.call("PohApi_epoch", { inputs: {}, output: epochs }, {}),
  ]);
  const age = Date.now() - Number(told);
  const slot = Number(slot_duration);
  const seconds = (Math.abs(age) / 1000).toFixed(1);
  if (age < -slot) {
    const says = `${seconds} s behind the latest block`;
    return { name, state: "bad", says, advice: "synchronise it: blocks of a wrong slot are refused" };
  }
  if (isSyncing) return { name, state: "unknown", says: "the node is catching up" };
  const says = `the latest block is ${seconds} s old`;
  if (age <= lateSlots * slot) return { name, state: "good", says };
  const advice = "the chain stands still, or this clock is ahead: compare it with a time server";
  return { name, state: "attention", says, advice };
}

/** Stake, funds, obstacles and session keys of an account. */
export async function accountChecks(
  chain: ChainClient,
  account: Uint8Array,
  keys: readonly KeyFile[],
): Promise<Check[]> {
  const [facts, { data }, trainer] = await Promise.all([
    explanationOf(chain, account),
    chain.read(system.Account, [account]),
    chain.read(trainers.Trainers, [account]),
  ]);
  const balance: Check = {
    name: "balance",
    state: data.free < littleFree ? "attention" : "good",
    says: `${amountText(data.free)} free, ${amountText(data.reserved)} on hold`,
    ...(data.free < littleFree && {
      advice: "fees and the bonds of orders and units come out of what is free",
    }),
  };
  return [stakeCheck(facts), balance, ...obstacleChecks(facts), ...(trainer ? keyChecks(trainer, keys) : [])];
}

function stakeCheck({ account, stake }: Explanation): Check {
  const name = "stake";
  const who = addressOf(account);
  if (stake === undefined) {
    const advice = "`matrixai trainer register --value MAI`";
    return { name, state: "attention", says: `${who} is no trainer`, advice };
  }
  const { bond, required, can_work } = stake;
  const says = `${who} has bonded ${amountText(bond)}; its machines require ${amountText(required)}`;
  return { name, state: can_work ? "good" : "attention", says };
}

const obstacleChecks = (facts: Explanation): Check[] =>
  facts.stake === undefined || facts.obstacles.length === 0
    ? []
    : obstacleLines(facts).map((says) => ({ name: "work", state: "attention", says }));

function keyChecks(
  registered: { readonly poh_key: Uint8Array; readonly gran_key: Uint8Array },
  keys: readonly KeyFile[],
): Check[] {
  const wanted = [
    ["poh_", registered.poh_key],
    ["gran", registered.gran_key],
  ] as const;
  return wanted.map(([type, key]) => {
    const publicKey = toHex(key);
    const isHere = keys.some((each) => each.type === type && each.publicKey === publicKey);
    const name = `session key ${type}`;
    if (isHere) return { name, state: "good", says: "the one on the chain is here" };
    const says = `the one on the chain, ${publicKey}, is not under this base path`;
    return { name, state: "attention", says, advice: "blocks are made only where its secret is" };
  });
}
