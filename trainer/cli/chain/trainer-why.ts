import type { Command } from "commander";
import type { ChainClient } from "../../client/chain-client.ts";
import { judgementOf } from "../../client/judgement.ts";
import { explanationOf } from "../../client/queries.ts";
import { standingOf } from "../../client/standing.ts";
import { type Context, InputError } from "../run-command.ts";
import { account, addressOf } from "./account.ts";
import { type ChainFlags, runOnChain, type SecretFlags, secretOptions, signerFrom } from "./connection.ts";
import { judgementLines } from "./judgement-text.ts";
import { obstacleLines, penaltyLines } from "./obstacles.ts";
import { standingLines } from "./standing-text.ts";
import { statusLines } from "./trainer-status.ts";

type Flags = ChainFlags & SecretFlags;

const accountHelp = "SS58 address or public key; without it, the account of the secret";

/** `trainer status [ACCOUNT]`: stake, weight, machines, drilling, keys, duties, disputes and rewards. */
export function registerStatus(trainer: Command): void {
  const command = trainer
    .command("status")
    .summary("stake, weight, machines, drilling, keys, open duties, disputes and rewards")
    .description(
      "Tells how a trainer stands: stake, weight, machines, drilling, keys, open duties, disputes, rewards.",
    )
    .argument("[account]", accountHelp, account);
  runOnChain(
    secretOptions(command),
    async (chain, { terminal }, given: Uint8Array | undefined, flags: Flags) => {
      const who = given ?? (await signerFrom(flags)).account;
      const facts = await explanationOf(chain, who);
      const standing = await standingOf(chain, facts);
      terminal.answer({ ...facts, ...standing, account: addressOf(who) }, [
        ...statusLines(facts),
        ...standingLines(facts, standing),
      ]);
      return undefined;
    },
  );
}

/** `trainer why [ACCOUNT|ORDER]`: what stands between it and blocks, work or pay; or why an order ended as it did. */
export function registerWhy(trainer: Command): void {
  const command = trainer
    .command("why")
    .summary("why it makes no blocks, gets no work, or was penalised; or why an order ended so")
    .description(
      "Tells of a trainer why it makes no blocks, gets no work, or was penalised; of an order, by its number, who judged it and which number decided.",
    )
    .argument("[subject]", `number of an order; or ${accountHelp}`, subject);
  runOnChain(
    secretOptions(command),
    async (chain, context, given: Uint8Array | number | undefined, flags: Flags) => {
      if (typeof given === "number") return whyOrder(chain, context, given);
      const who = given ?? (await signerFrom(flags)).account;
      const facts = await explanationOf(chain, who);
      const lines = [...obstacleLines(facts), ...penaltyLines(facts)];
      context.terminal.answer({ ...facts, account: addressOf(who) }, lines);
      return undefined;
    },
  );
}

async function whyOrder(chain: ChainClient, { terminal }: Context, id: number): Promise<undefined> {
  const judgement = await judgementOf(chain, id);
  if (judgement === undefined)
    throw new InputError(
      `there is no order ${id}: it never was, it is not in a block yet, or it is forgotten`,
    );
  terminal.answer(judgement, judgementLines(judgement));
}

const subject = (text: string): Uint8Array | number =>
  /^\d{1,10}$/.test(text) ? Number(text) : account(text);
