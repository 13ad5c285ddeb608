import { storage as drilling } from "../../pallets/drilling/index.ts";
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import type { FinalBlock } from "../../trainer/client/final-blocks.ts";
import { openOrdersOf } from "../../trainer/client/queries.ts";
import type { OrderPicture, Picture, TaskPicture } from "./picture.ts";

/** So many of each kind are shown, the newest. */
const shown = 3;

/** Tasks and orders that the chain has, by their numbers: those that were there, and those that come. */
export class Found {
  readonly tasks: number[] = [];
  readonly orders: number[] = [];

  static async at(chain: ChainClient): Promise<Found> {
    const found = new Found();
    found.tasks.push(...(await chain.read(drilling.ActiveTasks, [])));
    found.orders.push(...(await openOrdersOf(chain)).map(({ id }) => id));
    return found;
  }

  see({ events }: FinalBlock): void {
    for (const { event } of events) {
      const { task, order } = event.value.value as { task: number; order: number };
      if (event.type === "Drilling" && event.value.type === "TaskPublished") add(this.tasks, task);
      else if (event.type === "Marketplace" && event.value.type === "OrderPlaced") add(this.orders, order);
    }
  }
}

function add(ids: number[], id: number): void {
  ids.push(id);
  if (ids.length > shown) ids.shift();
}

/**
 * The picture with what the chain has forgotten of ended tasks and orders: their last figures stay. `before` is the one
 * of an earlier block.
 */
export function withMemory(before: Picture | undefined, now: Picture, found: Found): Picture {
  const tasks = found.tasks.flatMap((id) => {
    const task = now.tasks.find((each) => each.id === id);
    const old = before?.tasks.find((each) => each.id === id);
    return task ?? (old ? [ended(old)] : []);
  });
  const orders = now.orders.map((order) =>
    lasting(
      before?.orders.find(({ id }) => id === order.id),
      order,
    ),
  );
  return { ...now, tasks, orders };
}

/** A task goes from the chain when its last unit has ended. */
const ended = (task: TaskPicture): TaskPicture =>
  task.state === "Closed"
    ? task
    : { ...task, state: "Closed", given: task.units, agreed: task.units - task.failed };

const lasting = (old: OrderPicture | undefined, now: OrderPicture): OrderPicture =>
  now.isOver && old
    ? { ...old, state: now.state, isOver: true, leftMs: undefined, deadline: undefined }
    : now;
