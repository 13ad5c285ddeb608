import type { Metrics } from "../metrics/metrics.ts";
import type { RequestErrorCode } from "./errors.ts";

/** Counts what passes through requests. */
export interface Traffic {
  sent(bytes: number): void;
  received(bytes: number): void;
  /** A request of ours has ended. */
  asked(protocol: string, outcome: RequestErrorCode | "Ok" | "Aborted"): void;
  /** A request of a peer has ended. */
  answered(protocol: string, outcome: AnswerOutcome, seconds: number): void;
}

/** What became of a request of a peer. */
export type AnswerOutcome = "Ok" | "Unavailable" | "Busy" | "BadRequest" | "Internal" | "Limited" | "Broken";

export const createTraffic = (metrics: Metrics | undefined): Traffic => ({
  sent: (bytes) => metrics?.networkBytes.inc({ direction: "out" }, bytes),
  received: (bytes) => metrics?.networkBytes.inc({ direction: "in" }, bytes),
  asked: (protocol, outcome) => metrics?.networkRequests.inc({ protocol, outcome }),
  answered(protocol, outcome, seconds) {
    metrics?.networkAnswers.inc({ protocol, outcome });
    metrics?.networkAnswerSeconds.observe({ protocol }, seconds);
  },
});
