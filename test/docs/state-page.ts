/** `docs/states.md`: who may be moved where, written from the tables that the pallets themselves ask. */
import * as Drilling from "../../pallets/drilling/index.ts";
import * as Machines from "../../pallets/machines/index.ts";
import * as Marketplace from "../../pallets/marketplace/index.ts";
import * as ProofOfTraining from "../../pallets/proof-of-training/index.ts";
import * as TrainerStaking from "../../pallets/trainer-staking/index.ts";
import { runtime } from "../../runtime/index.ts";
import { table } from "./table.ts";

const intro = `# States

How machines, tasks, orders and trainers go from state to state: what each state waits for and until when, who moves it, and
what is put on hold, paid, returned or taken. \`new\` is where there was nothing before; a state that the first table of a
section does not have is an end. Windows in \`code\` are constants of the pallet, in blocks; the metadata has their values on
each chain. A deadline is settled by the chain itself, in the block after it or, where very many fall together, soon after.

This page is written by \`node scripts/write-pages.ts\` from the tables in \`pallets/*/states.ts\`, which the code asks at every
step; a test holds it equal.
`;

/** Who takes each step of an order. */
const movers: Readonly<Record<string, string>> = {
  place_order: "the buyer",
  take_bid: "the buyer",
  cancel_order: "the buyer",
  accept_order: "the machine's owner",
  decline_order: "the machine's owner",
  start: "the trainer",
  anchor: "the trainer",
  submit_proof: "the trainer",
  appeal: "a trainer, or the buyer",
  deadline: "the chain",
  verdict: "the inspectors, or the chain",
};

const cause = (by: string): string => (by === "deadline" || by === "verdict" ? `the ${by}` : `\`${by}\``);

function mover(by: string): string {
  const who = movers[by];
  if (who === undefined) throw new Error(`nobody is said to move an order by ${by}`);
  return who;
}

interface Step {
  readonly from: string | readonly string[];
  readonly to: string;
  readonly by: string;
  readonly who: string;
  readonly event: string;
  readonly money: string;
}

const calls = new Set(runtime.pallets.flatMap(({ pallet }) => Object.keys(pallet.calls)));

/** What moves something, with calls and windows as code. */
const marked = (by: string): string =>
  calls.has(by) ? `\`${by}\`` : by.replace(/(?<!`)\b([a-z]+(?:_[a-z]+)+|[A-Z]\w+Window)\b(?!`)/g, "`$1`");

const waiting = (waits: Readonly<Record<string, Machines.Wait>>): string =>
  table(
    ["state", "waits for", "until"],
    Object.entries(waits).map(([state, wait]) => [state, wait.for, marked(wait.until)]),
  );

const moving = (steps: readonly Step[]): string =>
  table(
    ["from", "to", "by", "who", "event", "money"],
    steps.map(({ from, to, by, who, event, money }) => [
      [from].flat().join(", "),
      to,
      marked(by),
      who,
      `\`${event}\``,
      money,
    ]),
  );

const orders = () =>
  table(
    ["state", "waits for", "until", "settled by"],
    Object.entries(Marketplace.waits).map(([state, wait]) => [state, wait.for, wait.until, wait.pallet]),
  );

const orderSteps = () =>
  table(
    ["from", "to", "by", "who", "money"],
    Marketplace.transitions.map(({ from, to, by, money }) => [from, to, cause(by), mover(by), money]),
  );

const phases = () =>
  table(
    ["from", "to", "by", "who", "then lasts", "money"],
    ProofOfTraining.phaseChanges.map(({ from, to, by, who, until, money }) => [
      from,
      to,
      marked(by),
      who,
      until || "-",
      money,
    ]),
  );

const trainers = () => table(["state", "what it means"], Object.entries(TrainerStaking.trainerMeanings));

/** The whole page. */
export const statePage = (): string =>
  [
    intro,
    "## Order (`Marketplace`)\n",
    orders(),
    orderSteps(),
    "## Inspection of an order (`ProofOfTraining`)\n",
    "The inspection window is `CommitWindow` blocks, or an `InspectionShare`th of the training window where that is more.\n",
    phases(),
    "## Task (`Drilling`)\n",
    waiting(Drilling.taskWaits),
    moving(Drilling.taskTransitions),
    "## Unit of a task (`Drilling`)\n",
    waiting(Drilling.unitWaits),
    moving(Drilling.unitTransitions),
    "## Machine (`Machines`)\n",
    waiting(Machines.machineWaits),
    moving(Machines.machineTransitions),
    "## Hardware challenge (`Machines`)\n",
    waiting(Machines.challengeWaits),
    moving(Machines.challengeTransitions),
    "## Trainer (`TrainerStaking`)\n",
    trainers(),
    moving(TrainerStaking.trainerChanges),
  ].join("\n");
