import type { Command } from "commander";
import { register as close } from "./project-close.ts";
import { register as publish } from "./project-publish.ts";
import { register as join } from "./project-register.ts";
import { register as results } from "./project-results.ts";
import { register as status } from "./project-status.ts";
import { register as vote } from "./project-vote.ts";
import { register as watch } from "./project-watch.ts";

/** `project`: what the owner of a community project does, and who votes on its tasks. */
export function register(program: Command): void {
  const project = program
    .command("project")
    .summary("have a model run over many inputs: register, publish, watch, results, vote, status, close")
    .description(
      "Publishes tasks of community projects, which trainers vote on, and collects their results.",
    );
  for (const add of [join, publish, watch, results, status, vote, close]) add(project);
}
