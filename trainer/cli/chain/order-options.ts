import { type Command, InvalidArgumentError, Option } from "commander";
import { fromHex } from "../../../runtime/primitives/bytes.ts";
import { whole } from "../device-options.ts";
import { amount } from "./amount.ts";

/** On what terms an order is placed, besides what the job says. */
export interface TermFlags {
  readonly machine?: Uint8Array;
  /** Open to bids, whoever is on offer. */
  readonly open?: boolean;
  readonly priceLimit?: bigint;
  readonly inspectors: number;
  readonly inspectionFee?: bigint;
  readonly acceptWithin: number;
  readonly trainWithin: number;
  readonly continues?: number;
}

/** Adds them to a command. */
export function termOptions(command: Command): Command {
  return command
    .option("--machine <0x...>", "machine that is to do it, by its 16 bytes", machineId)
    .option("--open", "let trainers bid; needs --price-limit")
    .option(
      "--price-limit <MAI>",
      "the most that the training may cost (default: what the offer says)",
      amount,
    )
    .addOption(new Option("--inspectors <n>", "how many judge the proof; odd").argParser(whole).default(3))
    .option("--inspection-fee <MAI>", "what inspectors share (default: 1 MAI each)", amount)
    .addOption(
      new Option("--accept-within <blocks>", "in which a trainer must be found")
        .argParser(whole)
        .default(100),
    )
    .addOption(
      new Option("--train-within <blocks>", "in which it must train and prove").argParser(whole).default(600),
    )
    .option(
      "--continues <order>",
      "earlier order whose last checkpoint the training begins with",
      orderNumber,
    );
}

/** The number of an order. @throws InvalidArgumentError. */
export function orderNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value >= 2 ** 32)
    throw new InvalidArgumentError("The number of an order is needed, such as 7.");
  return value;
}

function machineId(text: string): Uint8Array {
  const bytes = /^0x[0-9a-fA-F]{32}$/.test(text) ? fromHex(text) : undefined;
  if (bytes === undefined)
    throw new InvalidArgumentError("The machine's 16 bytes are needed, as 0x and 32 digits.");
  return bytes;
}
