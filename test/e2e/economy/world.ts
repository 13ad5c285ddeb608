/** Who lives in the economy of the stories, and what they look at. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { type Act, account, Economy } from "./economy.ts";
import { type ChainEvent, numberIn } from "./events.ts";
import { Market } from "./market.ts";
import { MachineDaemon } from "./trainer.ts";

export const mai = 10n ** 12n;

export const [alice, bob, charlie, dave, eve] = [
  account("//Alice"),
  account("//Bob"),
  account("//Charlie"),
  account("//Dave"),
  account("//Eve"),
] as const;
export const drillers: readonly KeyringPair[] = [alice, bob, charlie, dave, eve];
/** Trainers without a machine, who only inspect. */
export const inspectors = ["//Alice//stash", "//Bob//stash", "//Charlie//stash"].map(account);
export const people = [...drillers, ...inspectors];
export const buyer = account("//Ferdie");
/** Owner of the project. */
export const owner = account("//Ferdie//stash");

/** The economy while stories are told, one after another. */
export class World {
  readonly economy: Economy;
  readonly machines: ReadonlyMap<KeyringPair, MachineDaemon>;
  /** Where Bob sells trainings to the buyer. */
  readonly market: Market;

  private constructor(economy: Economy) {
    this.economy = economy;
    this.machines = new Map(drillers.map((who, i) => [who, new MachineDaemon(economy, who, i + 1)]));
    const machine = this.machineOf(bob);
    this.market = new Market(economy, { buyer, trainer: bob, machine, people });
  }

  static async open(): Promise<World> {
    return new World(await Economy.open());
  }

  /** Id of a driller's machine. */
  machineOf(who: KeyringPair): string {
    return this.machines.get(who)!.id;
  }

  /** A request for one unit of work. */
  ask = (who: KeyringPair): Act => [who, this.economy.tx("drilling", "requestWork", this.machineOf(who), 1)];

  /** What `PohApi` tells of the trainers of this epoch. */
  async weights(): Promise<Map<string, bigint>> {
    const list = await this.economy.api.call.pohApi!.authorities!();
    const lines = list.toJSON() as unknown as readonly { trainer: string; weight: number | string }[];
    return new Map(lines.map(({ trainer, weight }) => [trainer, BigInt(weight)]));
  }
}

export const named = (events: readonly ChainEvent[], name: string): ChainEvent[] =>
  events.filter((event) => event.name === name);
export const amounts = (event: ChainEvent | undefined, ...fields: readonly string[]): bigint[] =>
  event === undefined ? [] : fields.map((field) => numberIn(event, field));
