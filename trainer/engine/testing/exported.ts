/** The models that PyTorch exported, with what PyTorch made of them; see the script beside them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "../data/safetensors.ts";
import type { Loss } from "../loss.ts";
import { softmaxCrossEntropy } from "../loss.ts";
import type { Model } from "../onnx/model.ts";
import { readModel } from "../onnx/read.ts";
import type { Optimiser } from "../optimiser.ts";
import { adamW, sgd } from "../optimiser.ts";
import type { Program, RunInput } from "../program.ts";
import { learningRates } from "../schedule.ts";
import type { Tensor, Tensors } from "../tensor.ts";
import { tensor } from "../tensor.ts";
import { initialState, trainProgram } from "../train.ts";

const folder = join(import.meta.dirname, "../../../test/models");

export const exportedNames = ["mlp", "lenet", "resnet", "mobilenet", "text", "transformer", "unet"] as const;
export type ExportedName = (typeof exportedNames)[number];

export interface Exported {
  readonly model: Model;
  readonly loss: Loss;
  /** x, target, order; output; NAME/losses and NAME/STEPS/PARAMETER for the optimisers below. */
  readonly reference: Tensors;
}

export const batch = 8;

/** The optimisers of the script, with their learning rates. */
export const optimisers: Readonly<
  Record<"sgd" | "adamw", { readonly optimiser: Optimiser; readonly lr: number }>
> = {
  sgd: { optimiser: sgd({ momentum: 0.9, weightDecay: 1e-3 }), lr: 0.05 },
  adamw: { optimiser: adamW({ weightDecay: 0.05, epsilon: 1e-6 }), lr: 1e-3 },
};

export function exported(name: ExportedName): Exported {
  return {
    model: readModel(readFileSync(join(folder, `${name}.onnx`))),
    loss: softmaxCrossEntropy({ axis: name === "unet" ? 1 : -1 }),
    reference: decodeSafetensors(name, readFileSync(join(folder, `${name}.safetensors`))).tensors,
  };
}

/** The training of the script, with one of its optimisers. */
export function trainExported({ model, loss }: Exported, name: keyof typeof optimisers): Program {
  return trainProgram(model, { loss, optimiser: optimisers[name].optimiser, batch, steps: 20 });
}

/** What a run of steps `from` to `to` is given, on the script's data. */
export function inputOf(
  { model, reference }: Exported,
  program: Program,
  lr: number,
  from: number,
  to: number,
  state?: Tensors,
): RunInput {
  const { x, target } = reference;
  const rows = (reference.order as Tensor<"int64">).data.slice(from * batch, to * batch);
  return {
    state: state ?? initialState(program, model),
    data: { x: x!, target: target! },
    order: tensor("int64", [to - from, batch], rows),
    lr: learningRates({ type: "constant", lr }, { total: 20 }, from, to - from),
  };
}
