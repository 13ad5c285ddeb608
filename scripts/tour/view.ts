/** The live view as lines of text: a pure function of what is known. */
import { amountText, workText } from "../../trainer/cli/chain/amount.ts";
import { curve } from "../../trainer/cli/chain/order-state.ts";
import { table } from "../../trainer/cli/chain/table.ts";
import { durationText } from "../../trainer/cli/terminal.ts";
import type { OrderPicture, Picture, TaskPicture, TrainerPicture } from "./picture.ts";
import type { Step } from "./story.ts";
import { clock, percent } from "./text.ts";

export interface Shown {
  readonly url: string;
  /** Since the tour began, in ms. */
  readonly elapsedMs: number;
  readonly picture: Picture | undefined;
  readonly steps: readonly Step[];
  /** The latest last. */
  readonly news: readonly string[];
  /** At the end of the tour. */
  readonly summary: readonly string[];
}

const newsShown = 6;
const barWidth = 24;

/** In at most so many lines: what does not fit is left out, first news, then what was done long ago. */
export function viewLines(shown: Shown, rows = Number.POSITIVE_INFINITY): string[] {
  const { url, elapsedMs, picture, steps, summary } = shown;
  const top = withGaps([
    [`MatrixAI  ${clock(elapsedMs)}  ${url}  Ctrl-C ends it`],
    ...(picture ? pictureParts(picture) : []),
  ]);
  const told = summary.length > 0 ? summary : steps.map((step) => stepLine(step, elapsedMs));
  const middle = lastOf(told, rows - top.length - 1);
  const news = lastOf(shown.news, Math.min(newsShown, rows - top.length - middle.length - 2));
  return withGaps([top, middle, news.map((line) => `  ${line}`)]).slice(0, rows);
}

const lastOf = <T>(all: readonly T[], count: number): readonly T[] => (count > 0 ? all.slice(-count) : []);

/** One after another, with an empty line between those that have any. */
const withGaps = (parts: readonly (readonly string[])[]): string[] =>
  parts.filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? part : ["", ...part]));

const pictureParts = (picture: Picture): string[][] => [
  [chainLine(picture)],
  trainerLines(picture.trainers),
  picture.tasks.map(taskLine),
  picture.orders.flatMap((order) => orderLines(order)),
];

function chainLine({ chain, block, best, author, epoch, slotsLeft, slotMs }: Picture): string {
  const by = author === undefined ? "" : ` by ${author}`;
  const left = durationText(slotsLeft * slotMs);
  return `${chain}: block ${Math.max(best, block)}, final ${block}${by}; epoch ${epoch}, the next in ${left}`;
}

function trainerLines(trainers: readonly TrainerPicture[]): string[] {
  const [head = "", ...rows] = table(
    ["trainer", "lottery", "next", "drilled", "trained", "rewards on hold"],
    trainers.map(({ name, share, nextShare, drilling, training, rewards }) => [
      name,
      percent(share),
      percent(nextShare),
      workText(drilling),
      workText(training),
      amountText(rounded(rewards)),
    ]),
  );
  return [head, ...rows.map((row, i) => `${row}  ${trainers[i]?.now}`)];
}

/** To thousandths of a MAI. */
const rounded = (amount: bigint): bigint => amount - (amount % 1_000_000_000n);

/** Done of all as a bar. */
export function bar(done: number, all: number, width = barWidth): string {
  const full = all === 0 ? 0 : Math.round((width * Math.min(done, all)) / all);
  return "█".repeat(full) + "░".repeat(width - full);
}

function taskLine({ id, state, units, given, agreed, failed, ayes }: TaskPicture): string {
  const start = `task ${id}   ${bar(agreed + failed, units)} ${agreed} of ${units} units agreed on`;
  if (state === "Voting") {
    const votes = ayes === undefined ? "no votes yet" : `${percent(ayes)} of the votes for it`;
    return `task ${id}   ${bar(0, units)} trainers vote: ${votes}`;
  }
  const busy = given - agreed - failed;
  return `${start}${failed > 0 ? `, ${failed} failed` : ""}${busy > 0 ? `, ${busy} under way` : ""}`;
}

function orderLines(order: OrderPicture): string[] {
  const { id, buyer, trainer, state, step, steps, anchored, checkpoints, losses, leftMs, deadline } = order;
  const who = trainer === undefined ? `for ${buyer}` : `by ${trainer} for ${buyer}`;
  const until = deadline === undefined ? "" : `, until block ${deadline} at the latest`;
  const left = leftMs === undefined ? "" : `  about ${durationText(leftMs)} left`;
  const loss = losses.length === 0 ? "" : `  loss ${losses.at(-1)!.toPrecision(3)} ${curve(losses)}`;
  return [
    `order ${id}  ${bar(step, steps)} ${state} ${who}${until}`,
    `         checkpoint ${anchored} of ${checkpoints}, step ${step} of ${steps}${loss}${left}`,
    ...(order.judges.length > 0
      ? [`         ${order.judges.map(({ name, said }) => `${name}: ${said}`).join("  ")}`]
      : []),
  ];
}

const marks = { running: "·", done: "✓", failed: "✗" } as const;

/** A step with its time: how long it took, or takes so far. */
export function stepLine({ title, state, began, ended, detail }: Step, elapsedMs: number): string {
  const took = durationText((ended ?? elapsedMs) - began);
  return `${marks[state]} ${title}${detail === "" ? "" : `: ${detail}`} (${took})`;
}
