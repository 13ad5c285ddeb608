import { sr25519KeypairFromSeed, sr25519Sign } from "@polkadot/wasm-crypto";
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import type { DigestItem } from "../../../runtime/primitives/digest.ts";
import { type Header, hashHeader } from "../../../runtime/primitives/header.ts";
import { mint } from "../../balances/index.ts";
import { initialize } from "../../system/index.ts";
import { enterEpoch } from "../epoch.ts";
import {
  type Authority,
  type Claim,
  claimItems,
  constants,
  engineName,
  planGenesis,
  storage,
} from "../index.ts";
import { beginSlot } from "../slot.ts";

const pair = sr25519KeypairFromSeed(new Uint8Array(32).fill(7));
const numbered = (number: number) => new Uint8Array(32).fill(number % 256).fill(number >> 8, 16);
const unit = 1_000_000_000_000n;

/** As many authorities as there can be, each of another weight; the last has the key that we know. */
function fill(ctx: Ctx): readonly Authority[] {
  const list = Array.from({ length: constants.MaxAuthorities }, (_, i) => ({
    trainer: numbered(i),
    key: numbered(i + 5_000),
    weight: BigInt(i + 1),
  }));
  const all = [...list.slice(0, -1), { ...list.at(-1)!, key: pair.slice(64) }];
  planGenesis(ctx, all);
  return all;
}

const claimOf = (slot: bigint): Claim => ({
  slot,
  kind: "Secondary",
  trainer_index: constants.MaxAuthorities - 1,
  vrf_output: new Uint8Array(32),
  vrf_proof: new Uint8Array(64),
});

/** Begins the block of a slot, of which the lottery looks at the digest alone. */
function block(ctx: Ctx, number: number, slot: bigint, authority: Authority): void {
  initialize(ctx, number, new Uint8Array(32), claimItems(authority.trainer, claimOf(slot)));
}

/** A header that its trainer has sealed; `salt` makes it another one. */
function sealed(authority: Authority, slot: bigint, salt: number): Header {
  const header: Header = {
    parentHash: new Uint8Array(32).fill(salt),
    number: 9,
    stateRoot: new Uint8Array(32),
    extrinsicsRoot: new Uint8Array(32),
    digest: claimItems(authority.trainer, claimOf(slot)),
  };
  const seal = sr25519Sign(pair.slice(64), pair.slice(0, 64), hashHeader(header));
  const item: DigestItem = { type: "Seal", value: [textBytes(engineName), seal] };
  return { ...header, digest: [...header.digest, item] };
}

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "beginSlot",
    // The page that outputs are added to is nearly full.
    prepare(ctx) {
      const list = fill(ctx);
      block(ctx, 1, 100n, list.at(-1)!);
      for (let i = 0; i < 254; i++) storage.Outputs.append(ctx, 0, numbered(i));
      storage.OutputCount.set(ctx, 254);
      beginSlot(ctx);
      block(ctx, 2, 101n, list.at(-1)!);
      return beginSlot;
    },
  },
  {
    weight: "enterEpoch",
    // After an epoch of the live chain, without an empty slot, and with all of the history.
    prepare(ctx) {
      const list = fill(ctx);
      block(ctx, 1, 100n, list.at(-1)!);
      beginSlot(ctx);
      const outputs = 4_800;
      for (let i = 0; i < outputs; i++) storage.Outputs.append(ctx, Math.floor(i / 256), numbered(i));
      storage.OutputCount.set(ctx, outputs);
      const epoch = constants.HistoryDepth + 1n;
      for (let past = 0n; past < epoch; past++) {
        storage.PastAuthorities.set(ctx, past, list);
        storage.Offenders.set(ctx, past, [numbered(1)]);
      }
      storage.EpochIndex.set(ctx, epoch);
      return (run) => enterEpoch(run, epoch + 1n);
    },
  },
  {
    weight: "reportEquivocation",
    prepare(ctx) {
      const list = fill(ctx);
      const reporter = numbered(9_999);
      mint(ctx, reporter, unit);
      block(ctx, 1, 100n, list.at(-1)!);
      beginSlot(ctx);
      const [first, second] = [1, 2].map((salt) => sealed(list.at(-1)!, 101n, salt));
      return dispatching(
        { type: "Poh", value: { type: "report_equivocation", value: { first, second } } },
        signedOrigin(reporter),
      );
    },
  },
];
