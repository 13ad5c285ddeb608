/** The trainer's commands by themselves; the whole program has them among its own. */
import { Command } from "commander";
import { register as doctor } from "./doctor.ts";
import { register as flops } from "./flops.ts";
import { register as infer } from "./infer.ts";
import { register as train } from "./train.ts";
import { register as verify } from "./verify.ts";

const program = new Command("matrixai").description("Trains models and proves it.").showHelpAfterError();
for (const register of [train, verify, infer, flops, doctor]) register(program);
await program.parseAsync();
