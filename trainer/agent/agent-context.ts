import type { RuntimeCall } from "../../runtime/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { Included } from "../client/submitter.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Store } from "../storage/store.ts";
import { AgentError } from "./agent-error.ts";
import type { Devices } from "./devices.ts";
import type { Journal } from "./journal.ts";
import type { AgentLog, AgentOptions } from "./options.ts";

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
  /** Signs and sends; resolves when the call is final, or in the best block. @throws ChainError, AgentError `NotFinal`. */
  send(call: RuntimeCall, until?: "best" | "finalized"): Promise<Included>;
  /** No orders are taken any more. */
  readonly draining: boolean;
}

/** A transaction that is not in a block after so long is given up: whoever sent it looks at the chain again. */
const patienceMs = 180_000;

/** The agent's way to send, which no lost connection can hold up for ever. */
export function sender({
  chain,
  signer,
  lost,
  patience = patienceMs,
}: {
  readonly chain: ChainClient;
  readonly signer: AgentOptions["signer"];
  /** Given when the connection is of no more use. */
  readonly lost: AbortSignal;
  readonly patience?: number;
}): Agent["send"] {
  return async (call, until = "finalized") => {
    let timer: NodeJS.Timeout | undefined;
    let give = () => {};
    const late = new Promise<never>((_, reject) => {
      const name = `${call.type}.${call.value.type}`;
      const error = new AgentError(
        "NotFinal",
        `${name} was sent and is not ${until} after ${patience / 1000} s`,
      );
      give = () => reject(error);
      timer = setTimeout(give, patience);
      lost.addEventListener("abort", give, { once: true });
    });
    try {
      return await Promise.race([chain.submit(signer, call, { until }), late]);
    } finally {
      clearTimeout(timer);
      lost.removeEventListener("abort", give);
    }
  };
}
