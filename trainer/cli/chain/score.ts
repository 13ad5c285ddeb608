import type { Command } from "commander";
import type { ScoreInfo } from "../../../pallets/compute-score/index.ts";
import { scoreOf, scoresOf } from "../../client/queries.ts";
import { account, addressOf } from "./account.ts";
import { workText } from "./amount.ts";
import { runOnChain } from "./connection.ts";
import { table } from "./table.ts";

/** `score [ACCOUNT]`: what a trainer has computed, or all of them, the strongest first. */
export function register(program: Command): void {
  const command = program
    .command("score")
    .summary("what trainers have computed")
    .description(
      "Shows the work credited to a trainer, or to all, and the effective score that decides who makes blocks.",
    )
    .argument("[account]", "SS58 address or public key of a trainer", account);
  runOnChain(command, async (chain, { terminal }, who: Uint8Array | undefined) => {
    if (who) {
      const score = await scoreOf(chain, who);
      terminal.answer(plain(score), lines(score));
    } else {
      const scores = (await scoresOf(chain)).toSorted((a, b) =>
        a.weight > b.weight ? -1 : a.weight < b.weight ? 1 : 0,
      );
      const all = scores.reduce((sum, { weight }) => sum + weight, 0n);
      terminal.answer(
        scores.map(plain),
        table(
          ["trainer", "drilling/day", "training/day", "weight/day", "share", "total"],
          scores.map(({ trainer, drilling, training, weight, total }) => [
            addressOf(trainer),
            workText(drilling.effective),
            workText(training.effective),
            workText(weight),
            `${((100 * Number(weight)) / Math.max(1, Number(all))).toFixed(1)} %`,
            workText(total),
          ]),
        ),
      );
    }
    return undefined;
  });
}

const plain = ({ trainer, ...score }: ScoreInfo) => ({ trainer: addressOf(trainer), ...score });

function lines({ trainer, drilling, training, weight, total, at }: ScoreInfo): string[] {
  const kind = (name: string, { total, effective }: ScoreInfo["drilling"]) =>
    `${name}: ${workText(effective)} a day, ${workText(total)} in all`;
  return [
    addressOf(trainer),
    kind("drilling", drilling),
    kind("training", training),
    `weight: ${workText(weight)} a day (0.4 of drilling, 0.6 of training), ${workText(total)} in all`,
    `as of ${new Date(Number(at)).toISOString()}; effective scores halve every week`,
  ];
}
