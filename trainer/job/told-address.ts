/**
 * How a trainer tells its buyer where it stores what it has anchored: a remark in a block, signed by the trainer. Nothing on the
 * chain depends on it, and blocks keep it when the order is over; what lies there must lead to an anchored link.
 */
import { textBytes } from "../../runtime/primitives/bytes.ts";

export interface ToldAddress {
  readonly order: number;
  /** Of the index of a bundle. */
  readonly uri: string;
}

/** Longest remark that is read. */
const maxBytes = 1024;
const form = /^matrixai: checkpoints of order (\d{1,10}) at (\S{1,512})$/;

export const remarkOf = ({ order, uri }: ToldAddress): Uint8Array =>
  textBytes(`matrixai: checkpoints of order ${order} at ${uri}`);

/** What a remark tells; undefined of any other. */
export function toldIn(remark: Uint8Array): ToldAddress | undefined {
  if (remark.length > maxBytes) return undefined;
  const [, order, uri] = form.exec(Buffer.from(remark).toString()) ?? [];
  return uri === undefined ? undefined : { order: Number(order), uri };
}
