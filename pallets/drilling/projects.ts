/** Projects: who publishes tasks, and the deposit that disputes are paid from. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { smallerOf } from "../../runtime/primitives/amounts.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import { constants as balances, hold, release, transferOnHold } from "../balances/index.ts";
import { constants, depositReason, errors, events, projectTopic, storage } from "./schema.ts";
import type { Project } from "./types.ts";

/** Makes the caller the owner of a new project, whose deposit is held. Throws `InvalidText`, and where it cannot be held. */
export function registerProject(ctx: Ctx, owner: AccountId, name: Uint8Array, uri: Uint8Array): void {
  ensure(isText(name) && isText(uri), errors.InvalidText);
  const id = storage.NextProject.get(ctx);
  const deposit = constants.ProjectDeposit(ctx);
  hold(ctx, depositReason, owner, deposit);
  storage.NextProject.set(ctx, id + 1);
  storage.Projects.set(ctx, id, { owner, name, uri, deposit, tasks: 0 });
  events.ProjectRegistered(ctx, { project: id, owner, name, uri, deposit }, [owner, projectTopic(id)]);
}

/** Ends a project without tasks; what is left of its deposit returns. Throws `TasksRunning`, and what `ownProject` does. */
export function closeProject(ctx: Ctx, who: AccountId, id: number): void {
  const { owner, deposit, tasks } = ownProject(ctx, who, id);
  ensure(tasks === 0, errors.TasksRunning);
  storage.Projects.delete(ctx, id);
  release(ctx, depositReason, owner, deposit, "Exact");
  events.ProjectClosed(ctx, { project: id, owner, refunded: deposit }, [owner, projectTopic(id)]);
}

/** A project of the caller; throws `NoSuchProject` and `NotOwner`. */
export function ownProject(ctx: ReadCtx, who: AccountId, id: number): Project {
  const project = storage.Projects.get(ctx, id);
  ensure(project !== undefined, errors.NoSuchProject);
  ensure(equalBytes(project.owner, who), errors.NotOwner);
  return project;
}

/** Counts a task of a project that begins or ends. */
export const countTasks = (ctx: Ctx, id: number, by: 1 | -1): void =>
  storage.Projects.mutate(ctx, id, (project) => project && { ...project, tasks: project.tasks + by });

/** Fills a deposit up that disputes were paid from. */
export function fillDeposit(ctx: Ctx, id: number, project: Project): void {
  const full = constants.ProjectDeposit(ctx);
  if (project.deposit >= full) return;
  hold(ctx, depositReason, project.owner, full - project.deposit);
  storage.Projects.set(ctx, id, { ...project, deposit: full });
}

/** Pays somebody out of a project's deposit, as far as it reaches; returns how much. */
export function payFromDeposit(ctx: Ctx, id: number, to: AccountId, amount: bigint): bigint {
  const project = storage.Projects.get(ctx, id);
  if (project === undefined) return 0n;
  const paid = smallerOf(amount, project.deposit);
  // Less than this might be too small for the account.
  if (paid < balances.ExistentialDeposit) return 0n;
  transferOnHold(ctx, depositReason, project.owner, to, paid, "Exact", "Free", "Force");
  storage.Projects.set(ctx, id, { ...project, deposit: project.deposit - paid });
  return paid;
}

/** Whether bytes are UTF-8, and some. */
export function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return bytes.length > 0;
  } catch {
    return false;
  }
}
