/** A project's task, and trainers that answer for its units. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { commitmentOf } from "../../../pallets/drilling/index.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import type { Act, Economy } from "./economy.ts";

const mai = 10n ** 12n;

export const task = {
  model: { hash: blake2_256(textBytes("model")), uri: "ipfs:model" },
  inputs: { hash: blake2_256(textBytes("inputs")), uri: "ipfs:inputs" },
  rule: { Integers: null },
  units: 2,
  /** A hundred uut for a unit. */
  difficulty: 100n,
  quorum: 2,
  reward: mai,
  commitWindow: 5,
  revealWindow: 5,
  canaries: null,
};

/** The hash of what somebody finds in a unit. */
export const truth = blake2_256(textBytes("the truth"));
export const lie = blake2_256(textBytes("a lie"));
export const salt = blake2_256(textBytes("salt"));

export function answersOf(economy: Economy, key: { readonly task: number; readonly unit: number }) {
  const call = (who: KeyringPair, name: string, ...args: unknown[]): Act => [
    who,
    economy.tx("drilling", name, key.task, key.unit, ...args),
  ];
  return {
    commit: (who: KeyringPair, result = truth): Act =>
      call(who, "commitResult", commitmentOf(key, decodeAddress(who.address), result, salt)),
    reveal: (who: KeyringPair, result = truth): Act => call(who, "revealResult", result, salt),
  };
}
