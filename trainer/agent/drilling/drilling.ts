/**
 * Drilling, as far as one trainer goes: it votes on tasks, makes sure that their files can be had before it asks for units of them,
 * computes what it is given, commits, and reveals. What the chain knows is read from the chain; result and salt are in the
 * journal before they are committed to.
 */
import { equalBytes } from "../../../runtime/primitives/bytes.ts";
import type { Agent } from "../agent-context.ts";
import type { Duty } from "../duties.ts";
import type { DrillingOptions } from "../options.ts";
import type { View } from "../view.ts";
import { commitDuty, revealDuty } from "./answering.ts";
import { DrillingReader, type DrillingView, type Seat } from "./drilling-view.ts";
import { forgetOpenings, openingOf, resultsBut } from "./opening.ts";
import { Requests } from "./requests.ts";
import { Results } from "./results.ts";
import { TaskBook } from "./task-book.ts";
import { voteDuty } from "./voting.ts";
import { Workshop } from "./workshop.ts";

/** What a look at drilling gives. */
export interface Drilled {
  readonly duties: readonly Duty[];
  /** Units that are to be brought to their end. */
  readonly open: number;
  /** Blocks at which more may be due. */
  readonly from: readonly number[];
}

export class Drilling {
  readonly #agent: Agent;
  readonly #options: DrillingOptions;
  readonly #reader: DrillingReader;
  readonly #book: TaskBook;
  readonly #results: Results;
  readonly #workshop: Workshop;
  readonly #requests: Requests;
  #slotMs = 0n;
  /** The epoch for which stored results were looked for. */
  #checked: bigint | undefined;

  constructor(agent: Agent, options: DrillingOptions) {
    this.#agent = agent;
    this.#options = options;
    this.#reader = new DrillingReader(agent);
    this.#book = new TaskBook(agent);
    this.#results = new Results(agent);
    this.#workshop = new Workshop(agent, this.#book, this.#results, () => this.#slotMs);
    this.#requests = new Requests(agent, options, this.#book, this.#results);
  }

  /** What is due as of a block. */
  async look(view: View): Promise<Drilled> {
    this.#slotMs = view.slotMs;
    await this.#book.read();
    const found = await this.#reader.at(view.hash);
    const { units: seats, complete } = view.facts.duties;
    await this.#tidy(found, seats, complete);
    const open = seats.filter(({ revealed }) => !revealed);
    return {
      duties: [
        ...this.#workshop.take(await this.#uncomputed(seats)),
        ...some(commitDuty(this.#agent, seats, this.#results, this.#workshop, found.tasks)),
        ...some(revealDuty(this.#agent, seats, this.#results, found.tasks)),
        ...this.#votes(view, found),
        ...this.#requests.duties(view, found, seats),
        ...this.#upkeep(view, found, seats),
      ],
      open: open.length,
      from: [view.facts.drilling.rests_until],
    };
  }

  /** Units whose results are not on the disk. */
  async #uncomputed(seats: readonly Seat[]): Promise<Seat[]> {
    const lacking: Seat[] = [];
    for (const seat of seats) {
      if (seat.revealed || (seat.state !== "Committing" && !seat.committed)) continue;
      const opening = await openingOf(this.#agent, seat);
      // Of what was committed to and is not in the journal, no other result will do.
      if (opening === undefined && seat.committed) continue;
      if (opening === undefined || !(await this.#results.has(seat.task, opening.result))) lacking.push(seat);
    }
    return lacking;
  }

  /** A few votes at a time, those that end first: one whose files do not come holds up no other. */
  #votes({ facts }: View, { tasks, voted }: DrillingView): Duty[] {
    if (this.#options.vote === "none" || facts.stake === undefined) return [];
    const open = [...tasks]
      .filter(
        ([id, { state, owner }]) =>
          state === "Voting" && !voted.has(id) && !equalBytes(owner, this.#agent.account),
      )
      .sort(([, a], [, b]) => a.vote_ends - b.vote_ends);
    return open.slice(0, maxVotes).map(([id, task]) => voteDuty(this.#agent, id, task, this.#book));
  }

  /** Once an epoch, and at the start: whether what was stored is still there. */
  #upkeep({ facts }: View, { tasks }: DrillingView, seats: readonly Seat[]): Duty[] {
    if (this.#checked === facts.epoch) return [];
    // Results that others could still copy are nobody's business.
    const shown = seats.filter(({ state, revealed }) => revealed || state === "Revealing");
    return [
      {
        key: "drilling/results",
        run: async ({ signal }) => {
          await this.#results.check(await resultsBut(this.#agent, shown), signal);
          await this.#results.keepOnly(new Set(tasks.keys()));
          this.#checked = facts.epoch;
          return undefined;
        },
      },
    ];
  }

  /** Forgets what is over: openings of units that have ended, files of tasks that have. */
  async #tidy({ tasks }: DrillingView, seats: readonly Seat[], complete: boolean): Promise<void> {
    if (!complete) return;
    await forgetOpenings(this.#agent, seats);
    await this.#book.keepOnly(new Set(tasks.keys()));
  }
}

/** Votes on tasks that are looked at beside one another. */
const maxVotes = 2;

const some = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
