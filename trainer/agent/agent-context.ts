import type { RuntimeCall } from "../../runtime/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { Included } from "../client/submitter.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Store } from "../storage/store.ts";
import type { Devices } from "./devices.ts";
import type { Journal } from "./journal.ts";
import type { AgentLog, AgentOptions } from "./options.ts";
import type { Turns } from "./turns.ts";

/** What every duty works with. */
export interface Agent {
  readonly options: AgentOptions;
  readonly chain: ChainClient;
  readonly journal: Journal;
  readonly store: Store;
  readonly log: AgentLog;
  /** The first digits of the hash of the chain's genesis. */
  readonly chainId: string;
  /** The account, 32 bytes. */
  readonly account: Uint8Array;
  /** To these keys others seal what only this trainer may read. */
  readonly sealing: SealKeys;
  /** What trains and inspects. */
  readonly devices: Devices;
  /** For each order, one file is stored at a time. */
  readonly uploads: Turns;
  /** Signs and sends; resolves when the call is final, or in the best block. @throws ChainError. */
  send(call: RuntimeCall, until?: "best" | "finalized"): Promise<Included>;
  /** No orders are taken any more. */
  readonly draining: boolean;
}

/**
 * The agent's way to send. What was on its way when the node went away may be in a block yet: that is waited for before the
 * failure is told, so that whoever tries again finds it there.
 */
export const sender =
  (chain: ChainClient, signer: AgentOptions["signer"], settled: () => Promise<void>): Agent["send"] =>
  async (call, until = "finalized") => {
    try {
      return await chain.submit(signer, call, { until });
    } catch (error) {
      const isUnsure =
        error instanceof ChainError && (error.code === "Unreachable" || error.code === "Pending");
      if (isUnsure) await settled();
      throw error;
    }
  };
