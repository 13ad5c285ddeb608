import type { Command } from "commander";
import { register as digits } from "./digits.ts";
import { register as doctor } from "./doctor.ts";
import { register as evaluate } from "./evaluate.ts";
import { register as flops } from "./flops.ts";
import { register as infer } from "./infer.ts";
import { register as train } from "./train.ts";
import { register as verify } from "./verify.ts";

/** Adds the trainer's commands, those that need no chain. */
export function registerTrainer(program: Command): void {
  for (const register of [train, verify, infer, evaluate, flops, digits, doctor]) register(program);
}
