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
