/** What happens in the tour, in its order; each step is real work of the programs that people use. */
import type { ChainClient } from "../../trainer/client/chain-client.ts";
import { offersOf } from "../../trainer/client/queries.ts";
import type { Bought, Buyer } from "./buyer.ts";
import { conclusion } from "./conclusion.ts";
import type { OrderPicture, Picture, TrainerPicture } from "./picture.ts";
import type { Labelled, Project } from "./project.ts";
import type { Telling } from "./telling.ts";
import { percent } from "./text.ts";

export interface TourParts {
  readonly telling: Telling;
  readonly chain: ChainClient;
  readonly project: Project;
  readonly buyer: Buyer;
  readonly trainers: readonly string[];
  readonly signal: AbortSignal;
}

/** Has pictures labelled and a model trained, and says at the end what came of it. */
export async function tour(parts: TourParts): Promise<void> {
  const { telling, chain, project, buyer, trainers, signal } = parts;
  const prepared = Promise.all([project.prepare(), buyer.prepare()]);
  prepared.catch(() => undefined);
  await telling.story.step("Trainers prove what their machines compute, and offer them", async () => {
    await telling.until((picture) => picture.trainers.every(({ measured }) => measured > 0n), signal);
    const offers = await hired(chain, telling, trainers.length, signal);
    await prepared;
    return { result: undefined, detail: `${offers} machines for hire` };
  });
  const [labelled, sold] = await Promise.all([drilled(parts), trained(parts)]);
  const trainer = await counted(parts, sold.order.trainer);
  const { lines, facts } = conclusion({
    ...sold,
    labelled,
    trainer,
    url: chain.url,
    steps: telling.story.steps,
  });
  telling.end(lines, facts);
}

async function drilled({ telling, project }: TourParts): Promise<Labelled> {
  const task = await telling.story.step(
    "A project has pictures labelled: trainers vote, drill and agree",
    async () => {
      const result = await project.drill();
      return { result, detail: `${result.agreed} units, each by two of them` };
    },
  );
  return telling.story.step("The project collects the labels", async () => {
    const result = await project.collect(task);
    return { result, detail: `${percent(result.right)} are right` };
  });
}

interface Sold {
  readonly order: OrderPicture;
  readonly bought: Bought;
}

async function trained({ telling, chain, buyer, signal }: TourParts): Promise<Sold> {
  const { story } = telling;
  const { order: id, over } = await story.step("A buyer orders a model, and a trainer accepts", async () => {
    const result = await buyer.order(chain);
    const { trainer } = await withOrder(telling, result.order, ({ state }) => state !== "Placed", signal);
    return { result, detail: `order ${result.order}, by ${trainer}` };
  });
  await story.step("The model is trained, and its checkpoints are anchored on the chain", async () => {
    const isDone = ({ state }: OrderPicture) => state !== "Accepted" && state !== "Training";
    const { anchored, steps } = await withOrder(telling, id, isDone, signal);
    return { result: undefined, detail: `${anchored} checkpoints, ${steps} steps` };
  });
  const order = await story.step(
    "Inspectors train parts of it again, and judge; the trainer is paid",
    async () => {
      await over;
      const result = await withOrder(telling, id, ({ isOver }) => isOver, signal);
      return { result, detail: result.judges.map(({ name, said }) => `${name} ${said}`).join(", ") };
    },
  );
  const bought = await story.step(
    "The buyer fetches the model, and tries it on digits that it never saw",
    async () => {
      const result = await buyer.fetch(id);
      return { result, detail: `${percent(result.before)} right before, ${percent(result.after)} now` };
    },
  );
  return { order, bought };
}

/** Waits for the list of an epoch that knows of the work. */
async function counted(
  { telling, trainers, signal }: TourParts,
  name: string | undefined,
): Promise<TrainerPicture> {
  const find = ({ trainers: all }: Picture) => all.find((trainer) => trainer.name === name);
  return telling.story.step("Work that was proved counts in the lottery for blocks", async () => {
    const isCounted = (picture: Picture) => (find(picture)?.nextShare ?? 0) > 1 / trainers.length;
    const result = find(await telling.until(isCounted, signal)) as TrainerPicture;
    return { result, detail: `${name} has ${percent(result.nextShare)} of the next epoch's weight` };
  });
}

/** The order as soon as it is as wished. @throws Error when it ends in another way than it should. */
async function withOrder(
  telling: Telling,
  id: number,
  isWished: (order: OrderPicture) => boolean,
  signal: AbortSignal,
): Promise<OrderPicture> {
  const find = ({ orders }: Picture) => orders.find((order) => order.id === id);
  const isOver = (order: OrderPicture) => order.isOver && order.state !== "Completed";
  const picture = await telling.until((each) => {
    const order = find(each);
    return order !== undefined && (isOver(order) || isWished(order));
  }, signal);
  const order = find(picture) as OrderPicture;
  if (isOver(order)) throw new Error(`order ${id} has ended: ${order.state}`);
  return order;
}

/** Waits until so many machines are for hire. */
async function hired(
  chain: ChainClient,
  telling: Telling,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    const { length } = await offersOf(chain);
    if (length >= count) return length;
    const { block } = await telling.until(() => true, signal);
    await telling.until((picture) => picture.block > block, signal);
  }
}
