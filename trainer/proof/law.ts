import { z } from "zod";

/**
 * How the values of one tensor are drawn before training. With f = fan-in (inputs of one output unit) and
 * o = fan-out: `he` has variance 2/f, `xavier` 2/(f+o), `fanIn` 1/f; `gmm2` is the even mixture of two normals
 * of means ±2s and deviation s, s² = 2/(5f), whose variance is He's.
 */
export const lawSchema = z.discriminatedUnion("law", [
  z.strictObject({ law: z.literal("gmm2") }),
  z.strictObject({ law: z.enum(["he", "xavier", "fanIn"]), shape: z.enum(["normal", "uniform"]) }),
  z.strictObject({ law: z.literal("constant"), value: z.number().min(-1e6).max(1e6) }),
]);
export type Law = z.infer<typeof lawSchema>;

interface Placed {
  readonly law: Law;
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Standard deviation of a law at its place in the model; the mean is 0 for all but constants. */
export function deviation({ law, fanIn, fanOut }: Placed): number {
  switch (law.law) {
    case "gmm2":
    case "he":
      return Math.sqrt(2 / fanIn);
    case "xavier":
      return Math.sqrt(2 / (fanIn + fanOut));
    case "fanIn":
      return Math.sqrt(1 / fanIn);
    case "constant":
      return 0;
  }
}
