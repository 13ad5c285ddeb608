/**
 * Drilling: small tasks of community projects, each unit done by several trainers who are drawn for it and cannot know
 * one another's results. Where they agree all are credited and paid; where they differ, later rounds find the truth.
 */
export { takeCreditedWork } from "./credited.ts";
export {
  budgetReason,
  constants,
  depositReason,
  errors,
  events,
  projectTopic,
  storage,
  taskBondReason,
  taskTopic,
} from "./schema.ts";
export { taskStates, taskTransitions, unitStates, unitTransitions } from "./states.ts";
export type { Project, Task, TaskSpec, Unit } from "./types.ts";
