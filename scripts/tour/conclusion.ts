/** What the tour came to, for people and for programs. */
import { workText } from "../../trainer/cli/chain/amount.ts";
import type { Bought } from "./buyer.ts";
import type { OrderPicture, TrainerPicture } from "./picture.ts";
import type { Labelled } from "./project.ts";
import type { Step } from "./story.ts";
import { clock, percent } from "./text.ts";

export interface Outcome {
  readonly url: string;
  readonly steps: readonly Step[];
  readonly labelled: Labelled;
  readonly order: OrderPicture;
  readonly bought: Bought;
  /** Who trained the model, as the next epoch knows it. */
  readonly trainer: TrainerPicture;
}

export interface Conclusion {
  readonly lines: readonly string[];
  readonly facts: object;
}

export function conclusion({ url, steps, labelled, order, bought, trainer }: Outcome): Conclusion {
  const tookMs = Math.max(...steps.map(({ ended, began }) => ended ?? began));
  const { before, after, model } = bought;
  return {
    lines: [
      `After ${clock(tookMs)} minutes:`,
      `  the model is in ${model}; right on ${percent(after)} of the digits it never saw, ${percent(before)} before`,
      `  ${trainer.name} has ${workText(trainer.training)} of proved training, ${percent(trainer.nextShare)} of the next epoch's weight`,
      `  the labels of task ${labelled.task} are in ${labelled.file}; ${percent(labelled.right)} are right`,
      `All of it runs on: open polkadot.js apps at ${url}, or order a model of your own. Ctrl-C ends it.`,
    ],
    facts: {
      tookMs,
      order: order.id,
      checkpoints: order.anchored,
      model,
      accuracy: { before, after },
      trainer: trainer.name,
      training: trainer.training,
      share: trainer.nextShare,
      task: labelled.task,
      labels: labelled.file,
      right: labelled.right,
    },
  };
}
