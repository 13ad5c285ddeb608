/** What a signed transfer costs a node from submission to import, and how much of that is not its signature. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Chain } from "../../node/chain/chain.ts";
import { finalWithChild } from "../../node/chain/rules.ts";
import { buildBlock } from "../../node/consensus/block-builder.ts";
import { sealItem } from "../../node/consensus/digest.ts";
import { secondaryClaim } from "../../node/consensus/local-claims.ts";
import { pohConsensus } from "../../node/consensus/poh-consensus.ts";
import { Database } from "../../node/db/database.ts";
import { Pool } from "../../node/pool/pool.ts";
import { runtimeValidator } from "../../node/pool/runtime-validator.ts";
import { StateDb } from "../../node/state/state-db.ts";
import { SignatureChecks } from "../../node/verify/signature-checks.ts";
import { SignatureWorkers } from "../../node/verify/signature-workers.ts";
import type { SignatureItem, SignatureVerifier } from "../../node/verify/types.ts";
import { claimItems, lotteryOf } from "../../pallets/poh/index.ts";
import { executeBlock } from "../../runtime/executive.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { hashHeader } from "../../runtime/primitives/header.ts";
import { authorityOf, signed, transfer, type Wallet, wallet } from "../support/wallet.ts";
import type { Table } from "./table.ts";

const perBlock = 1000;
/** A node that has just started is slower, for as long as its code is not compiled. */
const warmUp = 12;
const rounds = 12;
const slotMs = 2000;
const mai = 10n ** 12n;

/** Microseconds of CPU, of all threads, and of wall time. */
interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

async function cost(work: () => Promise<unknown>): Promise<Cost> {
  const before = process.cpuUsage();
  const started = performance.now();
  await work();
  const wall = (performance.now() - started) * 1000;
  const { user, system } = process.cpuUsage(before);
  return { cpu: user + system, wall };
}

/** One node of the benchmark; `verifier` says who looks at signatures. */
async function openNode(path: string, genesis: ReturnType<typeof buildGenesis>, verifier: SignatureVerifier) {
  const database = await Database.open(path);
  const states = await StateDb.open(database, { pruning: 256 });
  const signatures = new SignatureChecks(verifier);
  const chain = await Chain.open(genesis, {
    database,
    states,
    signatures,
    execute: executeBlock,
    consensus: pohConsensus({ slotMs, clock: undefined }),
    finality: finalWithChild,
  });
  const pool = new Pool({}, { chain, validate: runtimeValidator(chain, signatures) });
  return { database, chain, pool, signatures };
}

export async function transferBench(): Promise<Table[]> {
  const folder = mkdtempSync(join(tmpdir(), "transfer-bench-"));
  const senders = Array.from({ length: perBlock }, (_, i) => wallet(i));
  const recipients = Array.from({ length: perBlock }, (_, i) => wallet(perBlock + i));
  const accounts = [...senders, ...recipients].map(({ account }) => [account, 1_000_000n * mai] as const);
  const genesis = buildGenesis({
    Timestamp: { minimumPeriod: BigInt(slotMs / 2) },
    Balances: { balances: accounts },
    Poh: { authorities: [authorityOf(senders[0]!)] },
  });
  const workers = new SignatureWorkers();
  // Nobody looks at signatures here, so what is measured is everything else.
  const trusting: SignatureVerifier = { verify: async () => true };
  const author = await openNode(join(folder, "author"), genesis, trusting);
  const follower = await openNode(join(folder, "follower"), genesis, trusting);
  const verifying = await openNode(join(folder, "verifying"), genesis, workers);
  try {
    const rows: Record<"validate" | "build" | "own" | "execute" | "unseen" | "bare", Cost[]> = {
      validate: [],
      build: [],
      own: [],
      execute: [],
      unseen: [],
      bare: [],
    };
    const items = senders.map(bareItem);
    for (let round = 0; round < warmUp + rounds; round++) {
      const extrinsics = senders.map((sender, i) =>
        signed(sender, transfer(recipients[(i + round) % perBlock]!.account, mai), author.chain, {
          nonce: round,
        }),
      );
      const measured = await oneBlock(author, senders[0]!, extrinsics, round);
      const block = measured.block;
      const execute = await cost(() => follower.chain.import(block, "network"));
      const unseen = await cost(() => verifying.chain.import(block, "network"));
      const bare = await cost(() => Promise.all(items.map((item) => workers.verify(item))));
      if (verifying.chain.best.number !== round + 1) throw new Error("the block was not imported");
      if (round < warmUp) continue;
      const all = { ...measured.costs, execute, unseen, bare };
      for (const name of Object.keys(rows) as (keyof typeof rows)[]) rows[name].push(all[name]);
    }
    return tables(rows);
  } finally {
    for (const node of [author, follower, verifying]) {
      await node.pool.close();
      await node.chain.close();
      await node.database.close();
    }
    await workers.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Submits, builds, seals and imports one full block on the author's node. */
async function oneBlock(
  { chain, pool, signatures }: Awaited<ReturnType<typeof openNode>>,
  key: Wallet,
  extrinsics: readonly Uint8Array[],
  round: number,
) {
  const validate = await cost(async () => {
    const results = await Promise.all(extrinsics.map((extrinsic) => pool.submit(extrinsic, "External")));
    const refused = results.find((result) => result.type === "refused");
    if (refused)
      throw new Error(`a transfer was refused: ${JSON.stringify(refused.error, (_, v) => String(v))}`);
  });
  const parent = chain.best;
  const lookup = chain.stateAt(parent.hash);
  if (lookup.type !== "ok") throw new Error("the best state is missing");
  const { state } = lookup;
  const slot = 900_000_000n + BigInt(round);
  const claim = secondaryClaim(lotteryOf({ storage: state }, slot), slot, [key]);
  if (!claim) throw new Error("the only trainer was not drawn");
  const digest = claimItems(key.account, claim.claim);
  const time = encode(u64, slot * BigInt(slotMs));
  const inherents = { data: [[Buffer.from("timstap0"), time] as const] };
  const transactions = pool.ready();
  let built: Awaited<ReturnType<typeof buildBlock>> | undefined;
  const build = await cost(async () => {
    const check = signatures.now;
    built = await buildBlock({ parent, state, digest, inherents, transactions, check, isOver: () => false });
  });
  if (built?.transactions !== perBlock) throw new Error(`a block took ${built?.transactions} transfers`);
  const { header: unsealed, changes } = built;
  const seal = sealItem(key.sign(hashHeader(unsealed)));
  const block = { header: { ...unsealed, digest: [...unsealed.digest, seal] }, extrinsics: built.extrinsics };
  const own = await cost(() => chain.import(block, "own", { changes }));
  await pool.settled();
  return { block, costs: { validate, build, own } };
}

/** A signature over as many bytes as a transfer's, with nothing around it. */
function bareItem({ account, sign }: Wallet): SignatureItem {
  const message = new Uint8Array(120).fill(account[0]!);
  return { signature: { type: "Sr25519", value: sign(message) }, message, signer: account };
}

function tables(rows: Record<"validate" | "build" | "own" | "execute" | "unseen" | "bare", Cost[]>): Table[] {
  const each = (name: keyof typeof rows) => median(rows[name].map((one) => one.cpu)) / perBlock;
  const bare = { name: "a bare signature check", value: each("bare") };
  const line = (name: string, value: number) => ({ name, value, unit: "us CPU", against: bare });
  const author = each("validate") + each("build") + each("own");
  // The best round of each, because whatever else runs on the machine takes part in wall time.
  const perSecond = (name: keyof typeof rows) =>
    (1e6 * perBlock) / Math.min(...rows[name].map((one) => one.wall));
  return [
    {
      title: `Transfer, everything but the signature (${perBlock} in a block, CPU of all threads)`,
      rows: [
        line("validate and place in the pool", each("validate")),
        line("build", each("build")),
        line("import what was built here", each("own")),
        { name: "in all, for the author", value: author, unit: "us CPU", aim: { atMost: 150 } },
        line("import and execute", each("execute")),
        {
          name: "in all, for those who follow",
          value: each("validate") + each("execute"),
          unit: "us CPU",
          aim: { atMost: 150 },
        },
      ],
    },
    {
      title: `Transfers with unseen signatures (${availableParallelism()} cores)`,
      rows: [
        {
          name: "import, workers verify",
          value: perSecond("unseen"),
          unit: "transfers/s",
          against: { name: "bare checks on the same cores", value: perSecond("bare") },
          aim: { atLeast: 0.7 },
        },
      ],
    },
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
