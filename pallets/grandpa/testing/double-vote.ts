import { Keyring } from "@polkadot/keyring";
import type { KeyringPair } from "@polkadot/keyring/types";
import { type EquivocationProof, votePayload } from "../../../runtime/primitives/grandpa.ts";

const keyring = new Keyring({ type: "ed25519" });

/** The ed25519 key of a secret such as `//Alice`. */
export const voterKey = (secret: string): KeyringPair => keyring.createFromUri(secret);

/** A block that was never made. */
export const block = (byte: number, number = byte) => ({
  target_hash: new Uint8Array(32).fill(byte),
  target_number: number,
});

interface DoubleVote {
  readonly type?: "Prevote" | "Precommit";
  readonly setId?: bigint;
  readonly round?: bigint;
  /** Two blocks that the votes are for. */
  readonly votes?: readonly [ReturnType<typeof block>, ReturnType<typeof block>];
}

/** Two votes of one round, signed by `pair`. */
export function doubleVote(
  pair: KeyringPair,
  { type = "Prevote", setId = 0n, round = 1n, votes = [block(1), block(2)] }: DoubleVote = {},
): EquivocationProof {
  const signed = (value: ReturnType<typeof block>) =>
    [value, pair.sign(votePayload({ type, value }, round, setId))] as const;
  const [first, second] = [signed(votes[0]), signed(votes[1])];
  const value = { round_number: round, identity: pair.publicKey, first, second };
  return { set_id: setId, equivocation: { type, value } };
}
