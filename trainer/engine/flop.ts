/**
 * The canonical counter of floating-point operations: exact integers from the forward graph alone.
 * Contractions count, two for each multiply-add; one step of training adds as much again for each operand that a
 * parameter stands behind, which is what the two gradients of a contraction cost. How a gradient is really computed
 * (and what is spent on elementwise work, 1-3 % in usual models) does not matter, so no way of writing a model counts more.
 */
import { carriers } from "./gradient.ts";
import type { Node, Value } from "./graph/graph.ts";
import { liveNodes } from "./graph/live.ts";
import type { Rows } from "./ops/row.ts";

export interface Flop {
  readonly forward: bigint;
  /** Forward and backward together. */
  readonly training: bigint;
}

/** Counts `nodes`, with gradients for `parameters`. */
export function countFlop(nodes: readonly Node[], rows: Rows, parameters: readonly Value[]): Flop {
  const carries = carriers(nodes, parameters);
  let forward = 0n;
  let training = 0n;
  for (const node of nodes) {
    if (node.body !== undefined) {
      // Nothing is trained through a loop, and its number of rounds is a constant.
      const once = countFlop(liveNodes(node.body), rows, []).forward;
      const all = once * BigInt(node.inputs[0]!.constant!.data[0]!);
      forward += all;
      training += all;
    }
    const flop = rows[node.op]?.flop?.(node);
    if (flop === undefined) continue;
    const gradients = node.inputs
      .slice(0, 2)
      .filter((input) => input !== undefined && carries.has(input)).length;
    forward += flop;
    training += flop * BigInt(1 + gradients);
  }
  return { forward, training };
}
