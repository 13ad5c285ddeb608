import type { Metrics } from "../metrics/metrics.ts";
import type { ServerObserver } from "../rpc/server/server.ts";

/** Counts what the RPC server does. */
export const rpcObserver = (metrics: Metrics): ServerObserver => ({
  opened: () => metrics.rpcSessionsOpened.inc(),
  closed: () => metrics.rpcSessionsClosed.inc(),
  subscriptions: (change) => metrics.rpcSubscriptions.inc(change),
  started() {},
  finished(method, failed, seconds) {
    metrics.rpcCalls.inc({ method, is_error: String(failed) });
    metrics.rpcCallSeconds.observe({ method }, seconds);
  },
});
