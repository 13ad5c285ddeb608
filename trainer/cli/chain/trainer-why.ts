import type { Command } from "commander";
import { type Explanation, explanationOf } from "../../client/queries.ts";
import { account, addressOf } from "./account.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions, signerFrom } from "./connection.ts";
import { obstacleLines, penaltyLines } from "./obstacles.ts";
import { statusLines } from "./trainer-status.ts";

/** `trainer status [ACCOUNT]`: stake, weight, machines, duties and rewards. */
export const registerStatus = (trainer: Command): void =>
  explaining(trainer, "status", "stake, weight, machines, open duties and rewards", statusLines);

/** `trainer why [ACCOUNT]`: what stands between it and blocks, work or pay. */
export const registerWhy = (trainer: Command): void =>
  explaining(trainer, "why", "why it makes no blocks, gets no work, or was penalised", (facts) => [
    ...obstacleLines(facts),
    ...penaltyLines(facts),
  ]);

/** A command that tells of the facts behind `why`; programs get all of them from either. */
function explaining(
  trainer: Command,
  name: string,
  summary: string,
  linesOf: (facts: Explanation) => readonly string[],
): void {
  const command = trainer
    .command(name)
    .summary(summary)
    .description(`Tells of a trainer: ${summary}.`)
    .argument("[account]", "SS58 address or public key; without it, the account of the secret", account);
  runOnChain(
    secretOptions(command),
    async (chain, { terminal }, given: Uint8Array | undefined, flags: ChainFlags & SecretFlags) => {
      const who = given ?? (await signerFrom(flags)).account;
      const facts = await explanationOf(chain, who);
      terminal.answer({ ...facts, account: addressOf(who) }, linesOf(facts));
      return undefined;
    },
  );
}
