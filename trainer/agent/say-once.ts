import type { Agent } from "./agent-context.ts";

/** What was said of each subject since the agent was connected. */
const said = new WeakMap<Agent, Set<string>>();

/** Says something about a subject that may go on for many blocks, but not in each of them. */
export function sayOnce(agent: Agent, subject: string, message: string, fields: Record<string, unknown>): void {
  const known = said.get(agent) ?? new Set();
  said.set(agent, known);
  const key = `${subject} ${message}`;
  if (known.has(key)) return;
  known.add(key);
  agent.log.info(message, fields);
}
