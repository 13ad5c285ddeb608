/** The way to the node: found however long that takes. */
import { setTimeout as pause } from "node:timers/promises";
import { ChainClient } from "../client/chain-client.ts";
import { ChainError } from "../client/errors.ts";
import type { AgentOptions } from "./options.ts";

/** Before a node that was lost is asked again. */
export const retryMs = 5_000;

/** A node that is down may come up. @throws ChainError `OtherRuntime`, or the signal's reason. */
export async function connected({ url, log }: AgentOptions, stop: AbortSignal): Promise<ChainClient> {
  for (;;) {
    stop.throwIfAborted();
    try {
      return await ChainClient.connect(url);
    } catch (error) {
      if (error instanceof ChainError && error.code === "OtherRuntime") throw error;
      log.warn("no connection yet", { error: (error as Error).message });
      await pause(retryMs, undefined, { signal: stop });
    }
  }
}
