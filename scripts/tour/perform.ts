/** Starts a chain with its trainers, tells what happens there, and keeps all of it running until it is told to stop. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Buyer } from "./buyer.ts";
import { type Child, Children } from "./children.ts";
import { connectTo, endOf } from "./network.ts";
import { buyerName, projectName } from "./people.ts";
import { Project } from "./project.ts";
import { openScreen } from "./screen.ts";
import { Telling } from "./telling.ts";
import { tour } from "./tour.ts";

/** Who is on stage. */
export interface Cast {
  /** For all that is written. */
  readonly folder: string;
  /** Of the node that is asked. */
  readonly rpcPort: number;
  /** Names of the trainers. */
  readonly trainers: readonly string[];
  /** Buy a model and have pictures labelled; else only the chain and its trainers run. */
  readonly tour: boolean;
  /** One JSON document a line instead of text. */
  readonly json: boolean;
  /** So many digits the model is trained with. */
  readonly digits: number;
  /** Starts the nodes; returns the one that is asked. */
  startNodes(nodes: Children, storage: string): Child | Promise<Child>;
  /** Starts the trainers' daemons, where nodes do not run them. */
  startTrainers?(workers: Children, url: string, storage: string): Child[];
}

/** At least 12 are worth looking at. */
const checkpoints = 14;
/** Sixteen units of ten pictures. */
const labels = { pictures: 160, unitSize: 10 };

const now = (): number => performance.now();

/** Ends the process. */
export async function perform(cast: Cast): Promise<never> {
  const logs = join(cast.folder, "logs");
  const [nodes, workers] = [new Children(logs), new Children(logs)];
  const stopping = new AbortController();
  const url = `ws://127.0.0.1:${cast.rpcPort}`;
  const screen = openScreen(process.stdout, cast.json, now);
  const telling = new Telling({ screen, now, url, trainers: cast.trainers });
  const stop = (): void => {
    telling.close();
    stopping.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (stopping.signal.aborted) {
        for (const each of [workers, nodes]) each.kill();
        process.exit(130);
      }
      stop();
      console.error("stopping; once more to end at once");
    });
  // Nobody listens any more, as behind `| head` or in a terminal that was closed.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", stop);
  let code = 0;
  try {
    await play(cast, { nodes, workers, telling, url, signal: stopping.signal });
  } catch (error) {
    if (!stopping.signal.aborted) {
      code = 1;
      console.error(`error: ${(error as Error).message}`);
    }
  }
  telling.close();
  // Who asks the nodes ends before they do.
  await workers.stop();
  await nodes.stop();
  process.exit(code);
}

interface Stage {
  readonly nodes: Children;
  readonly workers: Children;
  readonly telling: Telling;
  readonly url: string;
  readonly signal: AbortSignal;
}

/** Returns when the signal says so. @throws Error when something that is needed does not work. */
async function play(cast: Cast, { nodes, workers, telling, url, signal }: Stage): Promise<void> {
  const { folder, trainers } = cast;
  const storage = join(folder, "storage");
  mkdirSync(storage, { recursive: true });
  const node = await cast.startNodes(nodes, storage);
  const chain = await telling.story.step("A chain begins", async () => ({
    result: await connectTo(url, node),
    detail: `a node answers at ${url}`,
  }));
  let isTold = !cast.tour;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  node.process.once("exit", () => lost.reject(new Error(endOf(node))));
  for (const trainer of cast.startTrainers?.(workers, url, storage) ?? [])
    trainer.process.once("exit", () => {
      if (signal.aborted) return;
      // Without all of them the tour may come to no end; later, the others go on.
      if (isTold) telling.news(endOf(trainer));
      else lost.reject(new Error(endOf(trainer)));
    });
  const followed = telling.follow(chain, signal);
  followed.catch(() => undefined);
  const person = (name: string, own: string) => ({ children: workers, url, name, folder: join(folder, own) });
  const buyer = new Buyer(person(buyerName, "buyer"), storage, { digits: cast.digits, checkpoints });
  const project = new Project(person(projectName, "project"), storage, labels);
  const parts = { telling, chain, project, buyer, trainers, signal };
  const toured = cast.tour ? tour(parts).then(() => (isTold = true)) : undefined;
  toured?.catch(() => undefined);
  try {
    // Commands that are under way end only after this, with all the others.
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    await Promise.race([lost.promise, stopped, Promise.all([followed, toured])]);
  } finally {
    chain.close();
  }
}
