/** The trainer of a sealed package gives its key to those who are to inspect it. */
import { storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import { type Inspection, storage as proofs, type Seat } from "../../pallets/proof-of-training/index.ts";
import type { RuntimeCall } from "../../runtime/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { sealOrderKey } from "../job/order-keys.ts";
import type { SealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";
import type { Duty } from "./duties.ts";
import { packageKeysOf } from "./handing-in.ts";

/** Gives the key to each inspector of the present round that has none, as of a block. Undefined where nobody waits for it. */
export async function handoutDuty(
  agent: Agent,
  id: number,
  order: Order,
  at: string,
): Promise<Duty | undefined> {
  const { recipient } = order.spec;
  if (recipient === undefined || (order.state !== "Inspecting" && order.state !== "Appealed"))
    return undefined;
  const inspection = await agent.chain.read(proofs.Inspections, [id], at);
  if (inspection === undefined || (await waiting(agent, id, inspection, at)).length === 0) return undefined;
  return {
    key: `keys/${id}/${inspection.round}`,
    async run({ block }) {
      const present = await agent.chain.read(proofs.Inspections, [id]);
      // Whoever has one by now has it from an earlier run of this agent.
      const seats = present && (await waiting(agent, id, present));
      if (seats === undefined || seats.length === 0 || block >= (present?.keys_by ?? 0)) return undefined;
      const keys = await packageKeysOf(agent, id, order.stopped);
      if (keys === undefined)
        throw new AgentError(
          "OpeningLost",
          `the package of order ${id} is sealed, but its key is not in the journal: was the folder replaced?`,
        );
      const calls = seats.map((seat) => giving(id, seat, keys));
      const call: RuntimeCall =
        calls.length === 1 ? calls[0]! : { type: "Utility", value: { type: "batch_all", value: { calls } } };
      const included = await agent.send(call);
      for (const { inspector } of seats)
        agent.log.info("handed out a key", { order: id, to: toHex(inspector), round: present?.round });
      return included.block.number;
    },
  };
}

/** A seat to which a key can be sealed. */
type Reachable = Seat & { readonly sealing_key: Uint8Array };

async function waiting(
  agent: Agent,
  id: number,
  { submission, phase, round, keys_by, seats }: Inspection,
  at?: string,
): Promise<Reachable[]> {
  if (submission.type !== "Proof" || phase !== "Committing" || keys_by === undefined) return [];
  const panel = seats.filter(
    (seat): seat is Reachable => seat.round === round && seat.sealing_key !== undefined,
  );
  const given = await Promise.all(
    panel.map(({ inspector }) => agent.chain.read(marketplace.ReleasedKeys, [id, inspector, "Package"], at)),
  );
  return panel.filter((_, place) => given[place] === undefined);
}

function giving(order: number, { inspector, sealing_key }: Reachable, keys: SealKeys): RuntimeCall {
  const key = sealOrderKey({ order, purpose: "Package" }, keys, sealing_key);
  const value = { order, to: inspector, purpose: "Package", key } as const;
  return { type: "ProofOfTraining", value: { type: "release_key", value } };
}
