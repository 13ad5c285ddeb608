/** What an agent tells Prometheus of itself, its work and its account. */
import { join } from "node:path";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { toHex } from "../../runtime/primitives/bytes.ts";
import type { Progress } from "../engine/train-loop.ts";
import { folderBytes } from "./disk.ts";
import type { View } from "./view.ts";

const mai = 1e12;

/** Figures of the agent whose journal and work lie in a folder. */
export class Figures {
  readonly registry = new Registry();
  readonly #orders = this.#gauge("orders", "Orders that this trainer has, by state", ["state"]);
  readonly #loss = this.#gauge("loss", "Mean loss of the last steps of an order in training", ["order"]);
  readonly #seats = this.#gauge("seats", "Places on panels that inspect, by phase", ["phase"]);
  readonly #units = this.#gauge("units", "Units of projects in work, by state", ["state"]);
  readonly #credited = this.#gauge("credited_uut", "Work that was ever credited, by kind", ["kind"]);
  readonly #score = this.#gauge("score_uut_per_day", "The score that gives weight in the lottery");
  readonly #measured = this.#gauge("measured_uut_per_day", "Measured capacity by machine", ["machine"]);
  readonly #heartbeat = this.#gauge("heartbeat_age_epochs", "Epochs since the last heartbeat", ["machine"]);
  readonly #balance = this.#gauge("balance_mai", "What is free in the account");
  readonly #bond = this.#gauge("bond_mai", "What is bonded as a trainer");
  readonly #rewards = this.#gauge("rewards_mai", "Rewards on hold: vested, or vesting still", ["state"]);
  readonly #penalties = this.#gauge("penalties", "Penalties that the chain remembers of this trainer");
  readonly #block = this.#gauge("block", "The last block that was looked at");
  readonly #steps = new Counter({
    name: "matrixai_trainer_steps_total",
    help: "Optimiser steps that were done for orders",
    registers: [this.registry],
  });
  readonly #failures = new Counter({
    name: "matrixai_trainer_duty_failures_total",
    help: "Steps that failed and are tried again, by duty",
    labelNames: ["duty"],
    registers: [this.registry],
  });

  constructor(folder: string) {
    collectDefaultMetrics({ register: this.registry });
    this.#size("disk_bytes", "All that lies in the agent's folder", folder);
    this.#size("journal_bytes", "The journal on the disk", join(folder, "journal"));
  }

  /** What a look at the chain has found; `free` is the account's balance in the smallest unit of the token. */
  saw({ block, facts, orders }: View, free: bigint): void {
    const { duties, stake, score, machines, epoch, vested, vesting, penalties } = facts;
    this.#block.set(block);
    count(
      this.#orders,
      "state",
      [...orders.values()].map(({ state }) => state),
    );
    count(
      this.#seats,
      "phase",
      duties.inspections.map(({ phase }) => phase),
    );
    count(
      this.#units,
      "state",
      duties.units.map(({ state }) => state),
    );
    this.#credited.set({ kind: "drilling" }, Number(score.drilling.total));
    this.#credited.set({ kind: "training" }, Number(score.training.total));
    this.#score.set(Number(score.weight));
    for (const { id, measured, heartbeat } of machines) {
      const machine = toHex(id);
      this.#measured.set({ machine }, Number(measured));
      this.#heartbeat.set({ machine }, Math.max(0, Number(epoch - heartbeat)));
    }
    this.#balance.set(Number(free) / mai);
    this.#bond.set(Number(stake?.bond ?? 0n) / mai);
    this.#rewards.set({ state: "vested" }, Number(vested) / mai);
    this.#rewards.set({ state: "vesting" }, Number(vesting) / mai);
    this.#penalties.set(penalties.length);
  }

  /** A duty failed; its name is the first part of its key. */
  failed(key: string): void {
    this.#failures.inc({ duty: key.split("/", 1)[0] as string });
  }

  /** Told of the progress of an order's training that goes on from a step. */
  training(order: number, from: number): (progress: Pick<Progress, "step" | "loss">) => void {
    let before = from;
    return ({ step, loss }) => {
      this.#steps.inc(Math.max(0, step - before));
      before = step;
      this.#loss.set({ order: String(order) }, loss);
    };
  }

  /** An order is not in training any more. */
  trained(order: number): void {
    this.#loss.remove({ order: String(order) });
  }

  #gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({
      name: `matrixai_trainer_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  /** Measured when it is asked for. */
  #size(name: string, help: string, folder: string): void {
    new Gauge({
      name: `matrixai_trainer_${name}`,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await folderBytes(folder));
      },
    });
  }
}

/** Sets how often each value occurs; what does not occur any more disappears. */
function count(gauge: Gauge, label: string, values: readonly string[]): void {
  gauge.reset();
  for (const value of values) gauge.inc({ [label]: value });
}
