import { votePayload } from "../../runtime/primitives/grandpa.ts";
import { hashToBytes } from "../chain/hash.ts";
import type { Head } from "../chain/types.ts";
import type { Keystore } from "../keystore/keystore.ts";
import { catchUpMessage, voteMessageOf } from "./catch-up.ts";
import type { Phase } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";
import type { Voter } from "./protocol/voter.ts";
import type { CompleteRound, OwnVotes } from "./protocol/voter-options.ts";
import { voteOf } from "./signatures.ts";
import type { VoteRecord, VoteRecordRow } from "./vote-record.ts";
import type { VoterId, VoterSet } from "./voter-set.ts";
import {
  decodeGossip,
  encodeGossip,
  fromWirePrecommit,
  fromWirePrevote,
  fromWireTarget,
  toWireTarget,
} from "./wire.ts";

/** What a voter goes on with after a restart. */
export interface Restored {
  readonly last: CompleteRound | undefined;
  readonly voted: OwnVotes | undefined;
  /** The signed votes of the round in which it was. */
  readonly messages: readonly Uint8Array[];
}

const nothing: Restored = { last: undefined, voted: undefined, messages: [] };

/** This node as a voter: its key, and its memory of what it said. */
export class OwnVoter {
  readonly #keys: Pick<Keystore, "find">;
  readonly #record: VoteRecord;
  #row: VoteRecordRow | undefined;

  constructor(keys: Pick<Keystore, "find">, record: VoteRecord) {
    this.#keys = keys;
    this.#record = record;
    this.#row = record.read();
  }

  /**
   * The voter of this set whose key is here, of several the heaviest: a node votes once. Undefined also where this node
   * has voted in a later set already.
   */
  in(setId: bigint, voters: VoterSet): VoterId | undefined {
    if (this.#row && this.#row.set_id > setId) return undefined;
    let heaviest: VoterId | undefined;
    for (const id of voters.ids) {
      if (heaviest !== undefined && voters.weight(id) <= voters.weight(heaviest)) continue;
      if (this.#keys.find("gran", hashToBytes(id)) !== undefined) heaviest = id;
    }
    return heaviest;
  }

  /** Where this node was in a set. */
  restore(setId: bigint): Restored {
    const row = this.#row;
    if (row?.set_id !== setId) return nothing;
    const head = (target: typeof row.prevote) => target && fromWireTarget(target);
    const voted = {
      round: Number(row.round),
      prevote: head(row.prevote),
      precommit: head(row.precommit),
    };
    return { last: row.last && completeRound(row.last), voted, messages: row.messages };
  }

  /**
   * Signs a vote and returns it, with the message to send, once it is on disk for good; undefined when the key is gone.
   * @throws Error for a second, different vote: the last defence of this node's bond.
   */
  async vote(
    { setId, voter, id }: { readonly setId: bigint; readonly voter: Voter; readonly id: VoterId },
    round: number,
    phase: Phase,
    target: Head,
  ): Promise<{ readonly vote: SignedVote; readonly message: Uint8Array } | undefined> {
    const signature = this.#sign(id, votePayload(voteOf(phase, target), BigInt(round), setId));
    if (!signature) return undefined;
    const vote: SignedVote = { voter: id, target, signature };
    const message = voteMessageOf(setId, round, phase, vote);
    const before = this.#rowOf(setId, round, voter);
    if (before[phase]) throw new Error(`a second ${phase} in round ${round} of set ${setId}`);
    const row = { ...before, [phase]: toWireTarget(target), messages: [...before.messages, message] };
    this.#row = row;
    await this.#record.write(row);
    return { vote, message };
  }

  /** Signs the leader's hint and returns the message to send: no vote, so nothing to remember. */
  propose(
    { setId, id }: { readonly setId: bigint; readonly id: VoterId },
    round: number,
    target: Head,
  ): Uint8Array | undefined {
    const message = { type: "PrimaryPropose", value: toWireTarget(target) } as const;
    const signature = this.#sign(id, votePayload(message, BigInt(round), setId));
    if (!signature) return undefined;
    const signed = { message, signature, id: hashToBytes(id) };
    return encodeGossip({ type: "Vote", value: { round: BigInt(round), set_id: setId, message: signed } });
  }

  #sign(id: VoterId, payload: Uint8Array): Uint8Array | undefined {
    return this.#keys.find("gran", hashToBytes(id))?.sign(payload);
  }

  #rowOf(setId: bigint, round: number, voter: Voter): VoteRecordRow {
    const row = this.#row;
    const number = BigInt(round);
    if (row?.set_id === setId && row.round === number) return row;
    if (row && (row.set_id > setId || (row.set_id === setId && row.round > number))) {
      throw new Error(`a vote in round ${round} of set ${setId} after one in ${row.round} of ${row.set_id}`);
    }
    const complete = voter.completeRound();
    const last = complete && encodeGossip({ type: "CatchUp", value: catchUpMessage(setId, complete) });
    return { set_id: setId, round: number, prevote: undefined, precommit: undefined, messages: [], last };
  }
}

function completeRound(bytes: Uint8Array): CompleteRound | undefined {
  const { type, value } = decodeGossip(bytes);
  if (type !== "CatchUp") return undefined;
  const { round_number, prevotes, precommits, base_hash, base_number } = value.message;
  return {
    round: Number(round_number),
    base: fromWireTarget({ target_hash: base_hash, target_number: base_number }),
    prevotes: prevotes.map(fromWirePrevote),
    precommits: precommits.map(fromWirePrecommit),
  };
}
