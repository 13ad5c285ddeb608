import { setTimeout as pause } from "node:timers/promises";
import { storage as system } from "../../pallets/system/index.ts";
import type { ChainClient } from "./chain-client.ts";
import type { Signer } from "./signer.ts";

const settleMs = 500;
const settleTries = 120;

/**
 * Waits until what was sent for an account is in final blocks, so that nothing is sent twice; `onWait` is told once of how many
 * transactions. Another program that signs for the same account without pause is not waited for without end: after a minute it
 * resolves all the same. @throws ChainError, and the signal's reason.
 */
export async function settled(
  chain: ChainClient,
  { account, address }: Pick<Signer, "account" | "address">,
  signal: AbortSignal,
  onWait: (transactions: number) => void = () => undefined,
): Promise<void> {
  for (let i = 0; i < settleTries; i++) {
    const head = await chain.request<string>("chain_getFinalizedHead");
    const { nonce } = await chain.read(system.Account, [account], head);
    const next = await chain.request<number>("system_accountNextIndex", address);
    if (next <= nonce) return;
    if (i === 0) onWait(next - nonce);
    await pause(settleMs, undefined, { signal });
  }
}
