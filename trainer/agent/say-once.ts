import { LRUCache } from "lru-cache";
import type { Agent } from "./agent-context.ts";

/** What was said of each subject since the agent was connected, the last of it. */
const said = new WeakMap<Agent, LRUCache<string, true>>();
const remembered = 1_000;

/** Says something about a subject that may go on for many blocks, but not in each of them. */
export function sayOnce(
  agent: Agent,
  subject: string,
  message: string,
  fields: Record<string, unknown>,
): void {
  const known = said.get(agent) ?? new LRUCache({ max: remembered });
  said.set(agent, known);
  const key = `${subject} ${message}`;
  if (known.has(key)) return;
  known.set(key, true);
  agent.log.info(message, fields);
}
