import { type Command, InvalidArgumentError, Option } from "commander";
import { constants } from "../../../pallets/marketplace/index.ts";
import { fromHex } from "../../../runtime/primitives/bytes.ts";
import { secretsFolder } from "../../buyer/order-secrets.ts";
import { usualTerms } from "../../buyer/order-spec.ts";
import { upTo } from "../device-options.ts";
import { amount } from "./amount.ts";

/** Adds the terms of an order to a command; they are those of `BuyerTerms`. */
export function termOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--machine <0x...>", "machine that is to do it, by its 16 bytes")
        .argParser(machineId)
        .conflicts("open"),
    )
    .option("--open", "let trainers bid; needs --price-limit")
    .option(
      "--price-limit <MAI>",
      "the most that the training may cost (default: what the offer says)",
      amount,
    )
    .addOption(
      new Option("--inspectors <n>", "how many judge the proof; odd")
        .argParser(inspectors)
        .default(usualTerms.inspectors),
    )
    .option("--inspection-fee <MAI>", "what inspectors share (default: 1 MAI each)", amount)
    .addOption(
      new Option("--accept-within <blocks>", "in which a trainer must be found")
        .argParser(upTo(constants.MaxWindow))
        .default(usualTerms.acceptWithin),
    )
    .addOption(
      new Option("--train-within <blocks>", "in which it must train and prove")
        .argParser(upTo(constants.MaxWindow))
        .default(usualTerms.trainWithin),
    )
    .option(
      "--continues <order>",
      "earlier order whose last checkpoint the training begins with, for the steps that are left",
      orderNumber,
    );
}

export interface KeysFlags {
  readonly keys: string;
}

/** Adds the option that says where the keys of orders are kept. */
export const keysOptions = (command: Command): Command =>
  command.addOption(
    new Option("--keys <folder>", "where the keys of your orders are kept")
      .env("MATRIXAI_ORDER_KEYS")
      .default(secretsFolder()),
  );

/** The number of an order. @throws InvalidArgumentError. */
export function orderNumber(text: string): number {
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value >= 2 ** 32)
    throw new InvalidArgumentError("The number of an order is needed, such as 7.");
  return value;
}

/** So many that none stands against the others. */
function inspectors(text: string): number {
  const value = upTo(constants.MaxInspectors)(text);
  if (value % 2 === 0) throw new InvalidArgumentError("An odd number is needed.");
  return value;
}

function machineId(text: string): Uint8Array {
  const bytes = /^0x[0-9a-fA-F]{32}$/.test(text) ? fromHex(text) : undefined;
  if (bytes === undefined)
    throw new InvalidArgumentError("The machine's 16 bytes are needed, as 0x and 32 digits.");
  return bytes;
}
