/**
 * A trainer that does for its orders whatever a test has it do. Its machine is honest: measured, heard in every epoch and
 * for hire, by the same parts of the agent as any other; what it accepts, anchors and hands in comes from outside.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { storage as machines } from "../../../pallets/machines/index.ts";
import { storage as marketplace, type OrderSpec } from "../../../pallets/marketplace/index.ts";
import type { Submission } from "../../../pallets/proof-of-training/index.ts";
import type { RuntimeCall } from "../../../runtime/index.ts";
import { fromHex, textBytes, toHex } from "../../../runtime/primitives/bytes.ts";
import { type Agent, sender } from "../../../trainer/agent/agent-context.ts";
import { Anchoring, anchorPlan } from "../../../trainer/agent/anchoring.ts";
import { Devices } from "../../../trainer/agent/devices.ts";
import { Duties } from "../../../trainer/agent/duties.ts";
import { Journal } from "../../../trainer/agent/journal.ts";
import { machineDuties } from "../../../trainer/agent/machine-duty.ts";
import type { MachineOptions } from "../../../trainer/agent/options.ts";
import { Turns } from "../../../trainer/agent/turns.ts";
import { viewAt } from "../../../trainer/agent/view.ts";
import { ChainClient } from "../../../trainer/client/chain-client.ts";
import type { Signer } from "../../../trainer/client/signer.ts";
import { remarkOf } from "../../../trainer/job/told-address.ts";
import type { Link } from "../../../trainer/proof/chain.ts";
import type { Identity } from "../../../trainer/proof/identity.ts";
import type { Package } from "../../../trainer/proof/package.ts";
import { putBundle } from "../../../trainer/storage/bundle.ts";
import { hashFile } from "../../../trainer/storage/content-hash.ts";
import { sealKeys } from "../../../trainer/storage/sealed.ts";
import { openStore } from "../../../trainer/storage/store.ts";
import type { AgentsChain } from "./agents-chain.ts";

const silent = { info: () => undefined, warn: () => undefined };

type Fault = Extract<Submission, { type: "Fault" }>["value"];

export class Forger {
  readonly signer: Signer;
  readonly machine: MachineOptions;
  readonly #world: AgentsChain;
  readonly #agent: Agent;
  readonly #stop = new AbortController();
  #minding: Promise<void> = Promise.resolve();

  private constructor(world: AgentsChain, agent: Agent) {
    this.#world = world;
    this.#agent = agent;
    this.signer = agent.options.signer;
    this.machine = agent.options.machines[0]!;
  }

  /** A registered trainer takes up this trade. Resolves once its machine is measured and for hire. */
  static async open(world: AgentsChain, signer: Signer, machine: MachineOptions): Promise<Forger> {
    const store = { files: { root: world.storage } };
    const folder = join(world.folder, signer.address);
    const journal = await Journal.open(join(folder, "journal"));
    const chain = await ChainClient.connect(world.url);
    const genesis = await chain.request<string>("chain_getBlockHash", 0);
    const forger = new Forger(world, {
      options: {
        url: world.url,
        signer,
        machines: [machine],
        policy: { maxOrders: 1, haste: 1, formats: [] },
        folder,
        store,
        packages: "file:packages",
        claimFrom: 2n ** 127n,
        log: silent,
      },
      chain,
      journal,
      store: openStore(store),
      devices: new Devices([machine.device]),
      uploads: new Turns(),
      log: silent,
      chainId: genesis.slice(2, 10),
      account: signer.account,
      sealing: sealKeys(),
      send: sender(chain, signer, async () => undefined),
      draining: false,
    });
    forger.#minding = forger.#mind();
    await world.until(async () => {
      const [found, offer] = await Promise.all([
        chain.read(machines.Machines, [machine.id]),
        chain.read(marketplace.Offers, [machine.id]),
      ]);
      return (found?.state === "Available" && offer) || undefined;
    });
    return forger;
  }

  /** Takes an order; resolves with what its proof is to be of, once the seed is drawn. */
  async accept(order: number): Promise<Identity> {
    await this.#send({ type: "Marketplace", value: { type: "accept_order", value: { order } } });
    const randomness = await this.#world.until(
      async () => (await this.#agent.chain.read(marketplace.Orders, [order]))?.deal?.randomness,
    );
    const hex = (bytes: Uint8Array) => toHex(bytes) as Identity["trainer"];
    return { order, trainer: hex(this.signer.account), randomness: hex(randomness) };
  }

  /** Commits to the links that an honest trainer would commit to, or to the first `count` of those. */
  async anchor(order: number, spec: OrderSpec, links: readonly Link[], count?: number): Promise<void> {
    const stepOf = (index: number) => links[index]?.step ?? spec.steps;
    const plan = [...anchorPlan(spec, stepOf)].slice(0, count);
    const anchoring = await Anchoring.open(this.#agent, order, new Set(plan), links);
    await anchoring.done();
  }

  /** Stores a package as it lies in its folder, and submits it. */
  async handIn(order: number, { folder }: Package): Promise<void> {
    const paths = (await readdir(folder))
      .filter((name) => name !== "index.json")
      .map((name) => join(folder, name));
    const base = `file:packages/${this.signer.address.slice(0, 8)}-${order}`;
    const { uri } = await putBundle(this.#agent.store, paths, base);
    await this.submit(order, await hashFile(join(folder, "proof.json")), uri);
  }

  /** Submits a package that lies, or does not lie, at an address. */
  async submit(order: number, hash: string, uri: string): Promise<void> {
    await this.#handOver(order, { type: "Proof", value: { hash: fromHex(hash)!, uri: textBytes(uri) } });
  }

  /** Stores files of a package, and tells the buyer that they are the checkpoints of an order. */
  async tell(order: number, { folder }: Package, names: readonly string[]): Promise<void> {
    const base = `file:packages/${this.signer.address.slice(0, 8)}-${order}-so-far`;
    const paths = names.map((name) => join(folder, name));
    const { uri } = await putBundle(this.#agent.store, paths, base);
    const remark = remarkOf({ order, uri });
    await this.#send({ type: "System", value: { type: "remark", value: { remark } } });
  }

  /** Says that the buyer is at fault. */
  async claim(order: number, value: Fault): Promise<void> {
    await this.#handOver(order, { type: "Fault", value });
  }

  /** The same in the block in which it takes the order. */
  async acceptAndClaim(order: number, value: Fault): Promise<void> {
    const accepted = { type: "Marketplace", value: { type: "accept_order", value: { order } } } as const;
    const calls = [accepted, handedOver(order, { type: "Fault", value })];
    await this.#send({ type: "Utility", value: { type: "batch_all", value: { calls } } });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#minding;
    this.#agent.chain.close();
    await this.#agent.store.close();
    await this.#agent.journal.close();
  }

  async #handOver(order: number, given: Submission): Promise<void> {
    await this.#send(handedOver(order, given));
  }

  #send(call: RuntimeCall): Promise<unknown> {
    return this.#agent.send(call, "best");
  }

  /** What an agent does for its machine, and nothing else of what it does. */
  async #mind(): Promise<void> {
    const { chain, account, log } = this.#agent;
    const duties = new Duties(log);
    const { number } = await chain.request<{ number: string }>("chain_getHeader");
    for await (const block of chain.blocks(Number(number), this.#stop.signal)) {
      const { facts } = await viewAt(chain, account, block);
      duties.see(block.number, await machineDuties(this.#agent, this.machine, facts.epoch, block.hash));
    }
    await duties.stop();
  }
}

const handedOver = (order: number, given: Submission): RuntimeCall => ({
  type: "ProofOfTraining",
  value: { type: "submit_proof", value: { order, package: given } },
});
