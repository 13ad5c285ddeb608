import { devSpec } from "../../chain-spec/presets.ts";
import { storage as balances } from "../../pallets/balances/index.ts";
import { storage as system } from "../../pallets/system/index.ts";
import { storage as timestamp } from "../../pallets/timestamp/index.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import type { Benchmark } from "../../runtime/frame/testing/benchmark.ts";
import { buildGenesis } from "../../runtime/genesis.ts";
import { runtime } from "../../runtime/index.ts";
import { startsWith } from "../../runtime/primitives/bytes.ts";
import { keyText, textKey } from "../../runtime/primitives/key-text.ts";
import { type MemoryBackend, memoryBackend } from "../../runtime/primitives/memory-backend.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import type { Backend } from "../../runtime/primitives/storage.ts";

/** What one case took: time of the processor, entries of the state read and written, and bytes of what was read. */
export interface Measured {
  readonly ns: number;
  readonly reads: number;
  readonly writes: number;
  readonly bytes: number;
}

const warmUpRuns = 40;
/** The clock of the processor counts in microseconds, so many runs are measured at once. */
const batchNs = 5_000_000;
const batches = 40;

/**
 * Measures a benchmark with `items` items: the lowest tenth of many batches of runs, each run
 * on a fresh view of the same state. What else the machine does only ever makes them longer.
 */
export function measure({ prepare }: Benchmark, items: number): Measured {
  const backend = memoryBackend();
  const spec = devSpec(1).genesis;
  if (spec.type !== "config") throw new Error("the development chain has a configuration");
  backend.apply(buildGenesis(spec.config));
  const before = new Overlay(backend);
  const run = prepare(atBlockOne(before), items);
  backend.apply(before.changes());

  const counted = countReads(backend);
  const overlay = new Overlay(counted.backend);
  run(runtime.context(overlay));
  const writes = [...overlay.changes().keys()].filter((text) => counts(textKey(text))).length;
  return { ns: time(backend, run), reads: counted.reads(), writes, bytes: counted.bytes() };
}

function atBlockOne(overlay: Overlay): Ctx {
  const ctx = runtime.context(overlay);
  system.Number.set(ctx, 1);
  timestamp.Now.set(ctx, 1_700_000_000_000n);
  return ctx;
}

/** Time of the processor, not of the clock: other programs take turns on it. In ns for one run. */
function time(backend: MemoryBackend, run: (ctx: Ctx) => void): number {
  const batch = (size: number): number => {
    const contexts = Array.from({ length: size }, () => runtime.context(new Overlay(backend)));
    const start = process.cpuUsage();
    for (const ctx of contexts) run(ctx);
    const { user, system: kernel } = process.cpuUsage(start);
    return ((user + kernel) * 1000) / size;
  };
  batch(warmUpRuns);
  const size = Math.ceil(batchNs / Math.max(1, batch(warmUpRuns)));
  const times = Array.from({ length: batches }, () => batch(size));
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 10)]!;
}

/** The state, with a record of the entries that were asked for. */
function countReads(backend: MemoryBackend): {
  backend: Backend;
  reads: () => number;
  bytes: () => number;
} {
  const seen = new Map<string, number>();
  const note = (key: Uint8Array | undefined): void => {
    if (key && counts(key)) seen.set(keyText(key), key.length + (backend.get(key)?.length ?? 0));
  };
  return {
    backend: {
      root: (changes) => backend.root(changes),
      get(key) {
        note(key);
        return backend.get(key);
      },
      nextKey(key) {
        const next = backend.nextKey(key);
        note(next);
        return next;
      },
    },
    reads: () => seen.size,
    bytes: () => [...seen.values()].reduce((sum, size) => sum + size, 0),
  };
}

/** As Substrate's benchmarks, without what every block has at hand: its number, its events, the issuance. */
const atHand = [
  system.Number.key(),
  system.Events.key(),
  system.EventCount.key(),
  system.EventTopics.key(),
  system.ExecutionPhase.key(),
  system.BlockWeight.key(),
  system.Digest.key(),
  timestamp.Now.key(),
  balances.TotalIssuance.key(),
];

const counts = (key: Uint8Array): boolean =>
  !Buffer.from(key).toString().startsWith(":") && !atHand.some((prefix) => startsWith(key, prefix));
