import type { Command } from "commander";
import { register as run } from "../run.ts";
import { register as join } from "./trainer-register.ts";
import { registerStatus, registerWhy } from "./trainer-why.ts";

/** `trainer`: what the owner of a training machine does on the chain. */
export function register(program: Command): void {
  const trainer = program
    .command("trainer")
    .summary("be a trainer: register, run, status, why")
    .description("Registers a trainer, runs its daemon, and says how it stands and why.");
  for (const add of [join, run, registerStatus, registerWhy]) add(trainer);
}
