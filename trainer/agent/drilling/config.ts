/** The part of an agent's configuration about drilling. */
import { z } from "zod";
import { constants } from "../../../pallets/drilling/index.ts";
import type { DrillingOptions } from "../options.ts";

const mai = 1e12;

const fields = z.strictObject({
  /** Units in work at once on a machine; 0 takes none. */
  units: z.int().min(0).max(constants.MaxUnitsPerRequest).default(8),
  /** Whether units are also asked for while an order is trained or inspected. */
  besideOrders: z.boolean().default(false),
  /** Whether tasks are voted on, by counting their difficulty again. */
  vote: z.enum(["recount", "none"]).default("recount"),
  /** Numbers of tasks that are not taken. */
  refuse: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 32 - 1),
    )
    .max(32)
    .default([]),
  /** The highest bond for a unit, in MAI. */
  maxBond: z.number().min(0).max(1e9).default(1_000),
});

/** `false` neither drills nor votes. */
export const drillingFields = z.union([z.literal(false), fields]).prefault({});

/** What was read, as the agent has it. */
export const drillingOptions = (read: z.infer<typeof drillingFields>): DrillingOptions | undefined =>
  read === false ? undefined : { ...read, maxBond: BigInt(Math.round(read.maxBond * mai)) };
