/** A trainer as its daemon is: registered with keys of the node, its machine heard in every epoch and every challenge answered. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { hexToU8a, u8aToHex } from "@polkadot/util";
import { type Solved, solve } from "../../../pallets/machines/testing/solver.ts";
import type { Act, Daemon, Economy } from "./economy.ts";
import { type ChainEvent, numberIn, textIn } from "./events.ts";

const activity = { whetstone: 1_000, utilisation: 500, memory: 64, energy: null, record: new Uint8Array(32) };

/** Has the node make keys for an account; returns the registration that uses them. */
export async function registration(economy: Economy, who: KeyringPair, bond: bigint): Promise<Act> {
  const owner = u8aToHex(who.publicKey);
  const made = await economy.ask<{ keys: string; proof: string }>("author_rotateKeysWithOwner", owner);
  const [poh, gran] = [made.keys.slice(0, 66), `0x${made.keys.slice(66)}`];
  return [who, economy.tx("trainerStaking", "register", bond, poh, gran, made.proof)];
}

/** Keeps a machine of a trainer at work. `spoil` changes its products before it commits to them. */
export class MachineDaemon implements Daemon {
  readonly id: string;
  readonly #economy: Economy;
  readonly #who: KeyringPair;
  readonly #spoil: ((product: Int32Array) => void) | undefined;
  #isAdded = false;
  #solved: Solved | undefined;
  #duties: Act[] = [];

  constructor(economy: Economy, who: KeyringPair, number: number, spoil?: (product: Int32Array) => void) {
    this.#economy = economy;
    this.#who = who;
    this.#spoil = spoil;
    this.id = u8aToHex(new Uint8Array(16).fill(number));
    economy.daemons.push(this);
  }

  /** The transaction that adds it: a small one, so that its challenge is. */
  add(): Act {
    const metadata = JSON.stringify({ cpu: "one of a test", gpus: [] });
    return [this.#who, this.#economy.tx("machines", "addMachine", this.id, metadata, 1_000_000n)];
  }

  duties(): Act[] {
    return this.#duties.splice(0);
  }

  read(event: ChainEvent): void {
    if (event.name === "Poh.EpochStarted" && this.#isAdded) this.#send("heartbeat", activity);
    if (event.fields.machine !== this.id) return;
    if (event.name === "Machines.MachineAdded") this.#isAdded = true;
    else if (event.name === "Machines.MachineRemoved") this.#isAdded = false;
    else if (event.name === "Machines.ChallengeIssued") this.#commit(event);
    else if (event.name === "Machines.EntriesPicked") this.#answer(event);
  }

  #commit(event: ChainEvent): void {
    const [n, rounds] = [numberIn(event, "n"), numberIn(event, "rounds")].map(Number) as [number, number];
    this.#solved = solve({ seed: hexToU8a(textIn(event, "seed")), n, rounds }, this.#spoil);
    this.#send("commitChallenge", this.#solved.commitment);
  }

  #answer(event: ChainEvent): void {
    const { roots, open } = this.#solved!;
    const openings = open(hexToU8a(textIn(event, "randomness")), Number(numberIn(event, "picks")));
    const entries = openings.map(({ leaf }) => leaf);
    const paths = openings.map(({ siblings }) => siblings);
    this.#send("answerChallenge", entries, { roots, paths });
  }

  #send(call: string, ...args: unknown[]): void {
    this.#duties.push([this.#who, this.#economy.tx("machines", call, this.id, ...args)]);
  }
}
