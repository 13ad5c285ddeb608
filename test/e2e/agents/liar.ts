/** A trainer that asks for work like others, and says of each unit whatever it is told to say. */
import { randomBytes } from "node:crypto";
import { commitmentOf, type UnitKey } from "../../../pallets/drilling/index.ts";
import type { RuntimeCall } from "../../../runtime/index.ts";
import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import type { Signer } from "../../../trainer/client/signer.ts";
import type { AgentsChain } from "./agents-chain.ts";

type DrillingCall = Extract<RuntimeCall, { type: "Drilling" }>["value"];

/** Lies about each unit that it is given, until it is stopped; `machine` must be one of its own, and available. */
export class Liar {
  readonly #world: AgentsChain;
  readonly #signer: Signer;
  readonly #result: Uint8Array;
  readonly #stop = new AbortController();
  readonly #salts = new Map<string, Uint8Array>();
  readonly #running: Promise<void>;

  /** @param result what it says that every unit comes to. */
  constructor(world: AgentsChain, signer: Signer, machine: Uint8Array, units: number, result: Uint8Array) {
    this.#world = world;
    this.#signer = signer;
    this.#result = result;
    this.#running = this.#lie(machine, units);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #lie(machine: Uint8Array, max_units: number): Promise<void> {
    const { chain } = this.#world;
    const { block } = await this.#send({ type: "request_work", value: { machine, max_units } });
    for await (const { events } of chain.blocks(block.number, this.#stop.signal)) {
      for (const { event } of events) {
        if (event.type !== "Drilling") continue;
        const { type, value } = event.value as { type: string; value: UnitKey & { trainers: Uint8Array[] } };
        if (!value.trainers?.some((trainer) => equalBytes(trainer, this.#signer.account))) continue;
        const key = { task: value.task, unit: value.unit };
        if (type === "QuorumFormed") await this.#commit(key);
        if (type === "RevealOpened") await this.#reveal(key);
      }
    }
  }

  #commit(key: UnitKey) {
    const salt = randomBytes(32);
    this.#salts.set(`${key.task}/${key.unit}`, salt);
    const commitment = commitmentOf(key, this.#signer.account, this.#result, salt);
    return this.#send({ type: "commit_result", value: { ...key, commitment } });
  }

  #reveal(key: UnitKey) {
    const salt = this.#salts.get(`${key.task}/${key.unit}`)!;
    return this.#send({ type: "reveal_result", value: { ...key, result: this.#result, salt } });
  }

  #send(value: DrillingCall) {
    return this.#world.chain.submit(this.#signer, { type: "Drilling", value });
  }
}
