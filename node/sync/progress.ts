import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Network } from "../network/types.ts";
import type { SyncState } from "./types.ts";

const lineMs = 5000;

interface Parts {
  readonly network: Pick<Network, "peers">;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
}

/** While the node catches up, a line every five seconds; figures for Prometheus all the time. Returns how to end that. */
export function startProgress(state: () => SyncState, { network, log, metrics }: Parts): () => void {
  let before = { height: state().current, at: performance.now() };
  const report = () => {
    const { current, highest, stage, entries, gap } = state();
    const at = performance.now();
    const rate = (1000 * (current - before.height)) / (at - before.at);
    before = { height: current, at };
    metrics?.syncTarget.set(highest);
    metrics?.isSyncing.set(stage === "idle" ? 0 : 1);
    if (stage === "idle" && !gap) return;
    log.info(stage === "idle" ? "filling in blocks" : "syncing", {
      ...(stage !== "idle" && { stage }),
      height: current,
      target: highest,
      ...(stage === "blocks" && { blocksPerSecond: rounded(rate), left: timeLeft(highest - current, rate) }),
      ...(entries !== undefined && { entries }),
      ...(gap && { missing: gap.to - gap.from + 1 }),
      peers: network.peers().length,
    });
  };
  const timer = setInterval(report, lineMs);
  timer.unref();
  return () => clearInterval(timer);
}

const rounded = (rate: number): number => (rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate));

/** In words that fit a line: `45 s`, `12 min`, `3.5 h`; unknown while nothing comes. */
export function timeLeft(blocks: number, rate: number): string {
  if (rate <= 0) return "unknown";
  const seconds = blocks / rate;
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${rounded(seconds / 3600)} h`;
}
