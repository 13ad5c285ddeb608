/** Which checkpoints are anchored, and that they are, in order, whatever interrupts it. */
import {
  constants as market,
  storage as marketplace,
  type OrderSpec,
} from "../../pallets/marketplace/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { remarkOf, type ToldAddress } from "../job/told-address.ts";
import type { Link } from "../proof/chain.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";

/** So often a training shows progress, where its checkpoints allow it. */
const partsShown = 20;
/** The chain asks for an anchor in each tenth. */
const partsAsked = 10;

/**
 * The checkpoints to anchor of those at `stepOf(0)`, ..., `stepOf(last)`: the first, the last, and between them about every
 * twentieth of the steps, never farther apart than the chain allows and never nearer.
 */
export function anchorPlan(
  { steps, checkpoints }: Pick<OrderSpec, "steps" | "checkpoints">,
  stepOf: (checkpoint: number) => number,
): Set<number> {
  const least = Math.max(Math.ceil(steps / (market.MaxAnchors - 2)), Math.ceil(steps / partsShown));
  const most = Math.ceil(steps / partsAsked);
  const plan = new Set([0]);
  let at = 0;
  for (let index = 1; index <= checkpoints; index++) {
    const [here, next] = [stepOf(index) - at, stepOf(index + 1) - at];
    if (index < checkpoints && here < least && next <= most) continue;
    plan.add(index);
    at = stepOf(index);
  }
  return plan;
}

/** Sends the anchors of one order, in order, while training goes on; what comes meanwhile goes together in the next. */
export class Anchoring {
  readonly #agent: Agent;
  readonly #order: number;
  readonly #plan: ReadonlySet<number>;
  #next: number;
  #pending: Link[] = [];
  /** The last that is anchored. */
  #last: Link | undefined;
  #heard: (link: Link) => void = () => undefined;
  /** What is to be said besides. */
  #word: RuntimeCall | undefined;
  #turn: Promise<void> = Promise.resolve();

  private constructor(
    agent: Agent,
    order: number,
    plan: ReadonlySet<number>,
    last: Link | undefined,
    next: number,
  ) {
    this.#agent = agent;
    this.#order = order;
    this.#plan = plan;
    this.#last = last;
    this.#next = next;
  }

  /**
   * Compares what is anchored with the links that are there already, and sends those that are missing.
   * @throws AgentError `Foreign` where they differ: then the work in the folder is not what was committed to.
   */
  static async open(
    agent: Agent,
    order: number,
    plan: ReadonlySet<number>,
    links: readonly Link[],
  ): Promise<Anchoring> {
    const anchored = await agent.chain.read(marketplace.Anchors, [order]);
    for (const { index, link } of anchored) {
      const own = links[index];
      if (own !== undefined && own.link !== toHex(link))
        throw new AgentError(
          "Foreign",
          `checkpoint ${index} of order ${order} was anchored with another link than the work in the folder has: remove the order's folder to train again`,
        );
    }
    const last = anchored.at(-1)?.index ?? -1;
    const anchoring = new Anchoring(agent, order, plan, links[last], last + 1);
    for (const link of links) anchoring.add(link);
    return anchoring;
  }

  /** Has a link anchored if it is one of the plan and is not anchored yet. */
  add(link: Link): void {
    if (link.index < this.#next || !this.#plan.has(link.index)) return;
    this.#next = link.index + 1;
    this.#pending.push(link);
    this.#turn = this.#turn.then(() => this.#flush());
    // Training goes on; `done` tells.
    this.#turn.catch(() => undefined);
  }

  /** Has `heard` told of the last link that is anchored, and of every later one. */
  listen(heard: (link: Link) => void): void {
    this.#heard = heard;
    if (this.#last) heard(this.#last);
  }

  /** Has the buyer told where checkpoints lie: now, or with the next anchor, which costs no transaction. The last word counts. */
  say(told: ToldAddress, when: "now" | "with the next"): void {
    this.#word = { type: "System", value: { type: "remark", value: { remark: remarkOf(told) } } };
    if (when === "with the next") return;
    this.#turn = this.#turn.then(() => this.#sayAlone());
    this.#turn.catch(() => undefined);
  }

  /** Resolves when all anchors so far are in blocks; rejects with the first failure, after which none is sent. */
  done(): Promise<void> {
    return this.#turn;
  }

  async #flush(): Promise<void> {
    const links = this.#pending.splice(0, maxTogether);
    if (links.length === 0) return;
    const calls = [...links.map((link) => this.#call(link)), ...(this.#word ? [this.#word] : [])];
    this.#word = undefined;
    const call: RuntimeCall =
      calls.length === 1 ? calls[0]! : { type: "Utility", value: { type: "batch_all", value: { calls } } };
    await this.#agent.send(call, "best");
    for (const { index, step, loss } of links)
      this.#agent.log.info("anchored", { order: this.#order, checkpoint: index, step, loss });
    this.#last = links.at(-1)!;
    this.#heard(this.#last);
  }

  /** A word that is lost is no reason to anchor nothing more: it goes with the next anchor. */
  async #sayAlone(): Promise<void> {
    const word = this.#word;
    if (word === undefined) return;
    this.#word = undefined;
    try {
      await this.#agent.send(word, "best");
    } catch (error) {
      this.#word ??= word;
      const { message } = error as Error;
      this.#agent.log.warn("could not tell where checkpoints lie", { order: this.#order, error: message });
    }
  }

  #call({ index, step, link, loss }: Link): RuntimeCall {
    const [order, hash] = [this.#order, fromHex(link)!];
    const value =
      index === 0
        ? ({ type: "start", value: { order, link: hash } } as const)
        : ({ type: "anchor", value: { order, index, step, link: hash, loss: billionths(loss) } } as const);
    return { type: "ProofOfTraining", value };
  }
}

const maxTogether = 32;
const maxU64 = 2n ** 64n - 1n;
/** A mean loss as the chain has it; one below zero or without a value is no more than a picture for the buyer. */
function billionths(loss: number): bigint {
  const scaled = Math.round(loss * 1e9);
  if (!(scaled > 0)) return 0n;
  return scaled >= Number(maxU64) ? maxU64 : BigInt(scaled);
}
