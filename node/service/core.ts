import { executeBlock } from "../../runtime/executive.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { blockAuthor } from "../../runtime/primitives/digest.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { AuthoredSlots } from "../chain/authored-slots.ts";
import { Chain } from "../chain/chain.ts";
import { type ConsensusRules, finalityOnRequest } from "../chain/rules.ts";
import { DoubleVotes } from "../consensus/double-votes.ts";
import { Equivocations } from "../consensus/equivocations.ts";
import { mostPrimaries } from "../consensus/fork-choice.ts";
import { pohConsensus, slotMsOf } from "../consensus/poh-consensus.ts";
import { Database } from "../db/database.ts";
import { type Log, silentLog } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Pool } from "../pool/pool.ts";
import { type RuntimeRefusal, runtimeValidator } from "../pool/runtime-validator.ts";
import { StateDb } from "../state/state-db.ts";
import { SignatureChecks } from "../verify/signature-checks.ts";
import { SignatureWorkers } from "../verify/signature-workers.ts";

/** When blocks are made: one per slot, when a transaction is ready, or when somebody asks. */
export type Sealing = "slots" | "instant" | "manual";

export interface CoreOptions {
  /** Folder of the database. */
  readonly path: string;
  /** The first state. */
  readonly genesis: Changes;
  readonly pruning: number | "archive";
  readonly sealing: Sealing;
  /** The clock in ms; the system's unless told. */
  readonly clock?: () => number;
  /** Refuse to make a database where there is none. */
  readonly mustExist?: boolean;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** A node without its outside: what commands on a database and the service have in common. */
export interface Core {
  readonly database: Database;
  readonly states: StateDb;
  readonly workers: SignatureWorkers;
  readonly signatures: SignatureChecks;
  readonly chain: Chain;
  readonly consensus: ConsensusRules;
  readonly pool: Pool<RuntimeRefusal>;
  /** Proofs against trainers, for this node's own blocks to report. */
  readonly equivocations: Equivocations;
  readonly doubleVotes: DoubleVotes;
  /** For which slots this node has made blocks. */
  readonly slots: AuthoredSlots;
  readonly slotMs: number;
  readonly clock: () => number;
  /** Ends everything in reverse order; the database is consistent afterwards, and before. */
  close(): Promise<void>;
}

/** Opens the database and everything that stands on it. @throws DatabaseError that an operator understands. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { path, genesis, pruning, sealing, clock = Date.now, log = silentLog, metrics } = options;
  const slotMs = slotMsOf(genesis);
  const database = await Database.open(path, { mustExist: options.mustExist ?? false });
  const workers = new SignatureWorkers({ log: log.child("verify") });
  try {
    const states = await StateDb.open(database, { pruning });
    const signatures = new SignatureChecks(workers);
    const equivocations = new Equivocations(({ first, second }) => {
      metrics?.equivocations.inc();
      const author = blockAuthor(first.digest);
      log.child("chain").warn("a trainer sealed two blocks for one slot", {
        author: author && toHex(author),
        first: toHex(hashHeader(first)),
        second: toHex(hashHeader(second)),
      });
    });
    const slots = new AuthoredSlots(database);
    const consensus = pohConsensus({
      slotMs,
      clock: sealing === "slots" ? clock : undefined,
      onClaim: (header, claim) => equivocations.observe(header, claim),
    });
    const chain = await Chain.open(genesis, {
      database,
      states,
      signatures,
      execute: executeBlock,
      consensus,
      forkChoice: mostPrimaries,
      finality: finalityOnRequest,
      log: log.child("chain"),
      ...(metrics && { metrics }),
    });
    const pool = new Pool<RuntimeRefusal>(
      {},
      {
        chain,
        validate: runtimeValidator(chain, signatures),
        log: log.child("pool"),
        ...(metrics && { metrics }),
      },
    );
    const close = async () => {
      await pool.close();
      await chain.close();
      await workers.close();
      await database.close();
    };
    const parts = { database, states, workers, signatures, chain, consensus, pool };
    return { ...parts, equivocations, doubleVotes: new DoubleVotes(), slots, slotMs, clock, close };
  } catch (error) {
    await workers.close();
    await database.close();
    throw error;
  }
}
