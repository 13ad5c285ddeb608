import type { Agent } from "./agent-context.ts";
import type { Duty } from "./duties.ts";
import type { View } from "./view.ts";

/** Claims what has vested, once it is worth a transaction. */
export function rewardsDuty(agent: Agent, { vested }: View["facts"]): Duty | undefined {
  if (vested === 0n || vested < agent.options.claimFrom) return undefined;
  return {
    key: "rewards",
    async run() {
      const { block } = await agent.send({ type: "Rewards", value: { type: "claim_vested", value: {} } });
      agent.log.info("claimed its rewards", { vested });
      return block.number;
    },
  };
}
