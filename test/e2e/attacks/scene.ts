/**
 * A chain on which three honest trainers inspect, of whom Alice trains too; Dave, who has a seat wherever the buyer is one
 * of the others, says what a test has him say, and Eve, who has no score and no seat, does with orders what it has her do.
 */
import { storage as marketplace, type OrderSpec } from "../../../pallets/marketplace/index.ts";
import type { AgentOptions } from "../../../trainer/agent/options.ts";
import { type Signer, signerOf } from "../../../trainer/client/signer.ts";
import type { Link } from "../../../trainer/proof/chain.ts";
import { AgentsChain } from "../agents/agents-chain.ts";
import { BadInspector } from "../agents/bad-inspector.ts";
import { Chronicle } from "../agents/chronicle.ts";
import { Forger } from "../agents/forger.ts";
import { type Honest, hireable, honest } from "../agents/honest.ts";
import { newTrainer } from "../agents/new-trainer.ts";
import type { Published } from "../agents/published.ts";
import { smallOrder } from "./small-order.ts";

const mai = 10n ** 12n;
/** What every order of a scene offers to its inspectors together. */
export const fee = 3n * mai;

export interface Scene {
  readonly world: AgentsChain;
  readonly chronicle: Chronicle;
  readonly alice: Honest;
  readonly forger: Forger;
  readonly dave: BadInspector;
  readonly bob: Signer;
  readonly ferdie: Signer;
  /** The job that orders are for; its order is for Eve's machine. */
  readonly job: Published;
  /** The same order for Alice's. */
  readonly forAlice: OrderSpec;
  close(): Promise<void>;
}

/** Opens a scene; `optionsIn` gives what its agents do otherwise than usually, `appealWindow` how long rulings can be appealed. */
export async function openScene(
  optionsIn: (world: AgentsChain) => Partial<AgentOptions> = () => ({}),
  appealWindow = 5,
): Promise<Scene> {
  const world = await AgentsChain.open(4, { commitWindow: 150, appealWindow });
  const { chain } = world;
  const chronicle = new Chronicle(chain);
  const [alices, eves] = [hireable(1), hireable(2)];
  const names = ["Alice", "Bob", "Charlie"];
  const options = optionsIn(world);
  const agents = await Promise.all(
    names.map((name, i) => honest(world, name, { ...options, ...(i === 0 && { machine: alices }) })),
  );
  const eve = await newTrainer(chain, "//Eve", 10_000n * mai);
  const forger = await Forger.open(world, eve, eves);
  const job = await smallOrder(world.storage, "small", eves.id);
  await world.until(() => chain.read(marketplace.Offers, [alices.id]));
  return {
    world,
    chronicle,
    alice: agents[0]!,
    forger,
    dave: new BadInspector(chain, chronicle, await signerOf("//Dave")),
    bob: await signerOf("//Bob"),
    ferdie: await signerOf("//Ferdie"),
    job,
    forAlice: { ...job.spec, machine: alices.id },
    async close() {
      job.close();
      await forger.close();
      await Promise.all(agents.map((agent) => agent.close()));
      await chronicle.close();
      await world.close();
    },
  };
}

/** Links such as a training of the job has, with nothing behind them. */
export function emptyLinks({ spec }: Published): Link[] {
  const every = spec.steps / spec.checkpoints;
  const hash = (mark: number): Link["link"] => `0x${mark.toString(16).padStart(64, "0")}`;
  return Array.from({ length: spec.checkpoints + 1 }, (_, index) => ({
    index,
    step: index * every,
    checkpoint: hash(1),
    states: [],
    samples: hash(2),
    loss: 1,
    link: hash(100 + index),
  }));
}
