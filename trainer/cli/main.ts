/** The trainer's commands by themselves; the whole program has them among its own. */
import { Command } from "commander";
import { registerTrainer } from "./commands.ts";

const program = new Command("matrixai").description("Trains models and proves it.").showHelpAfterError();
registerTrainer(program);
await program.parseAsync();
