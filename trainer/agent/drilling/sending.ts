/** Many calls in one transaction, so that a thousand units do not take thousands. */
import type { RuntimeCall } from "../../../runtime/index.ts";
import type { Agent } from "../agent-context.ts";
import { AgentError } from "../agent-error.ts";

/**
 * Sends calls of which each stands for itself, and resolves with the height of the final block.
 * @throws ChainError, AgentError `Failed` when some of them failed: the chain tells which are still to be made.
 */
export async function sendTogether(agent: Agent, calls: readonly RuntimeCall[]): Promise<number> {
  const [first] = calls;
  if (first === undefined) throw new Error("there is nothing to send");
  const together: RuntimeCall = {
    type: "Utility",
    value: { type: "force_batch", value: { calls: [...calls] } },
  };
  const { block, events } = await agent.send(calls.length === 1 ? first : together);
  const failed = events.filter(({ type, value }) => type === "Utility" && value.type === "ItemFailed");
  if (failed.length > 0)
    throw new AgentError(
      "Failed",
      `${failed.length} of ${calls.length} calls failed in block ${block.number}, the first with ${errorName(failed[0]!.value.value)}`,
    );
  return block.number;
}

/** Such as `Drilling.TooLate`. */
function errorName(item: unknown): string {
  const { error } = item as { error: { type: string; value?: { type: string; value?: { type: string } } } };
  return error.type === "Module" ? `${error.value?.type}.${error.value?.value?.type}` : error.type;
}
