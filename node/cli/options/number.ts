import { InvalidArgumentError } from "commander";

/** Parses an option that is a whole number in a range. */
export const wholeNumber =
  (from: number, to: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < from || value > to) {
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
    }
    return value;
  };

/** Parses a TCP port; 0 takes a free one. */
export const port = wholeNumber(0, 65_535);
