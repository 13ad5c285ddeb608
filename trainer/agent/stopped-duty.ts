/** A training that its buyer has cancelled: what was anchored of it is proved, and is paid for. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { storage as marketplace, type Order } from "../../pallets/marketplace/index.ts";
import { toHex } from "../../runtime/primitives/bytes.ts";
import { Package } from "../proof/package.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";
import type { Duty } from "./duties.ts";
import { packageFolder, storePackage, submitProof } from "./handing-in.ts";
import { orderFolder } from "./order-duty.ts";

/**
 * Hands in the proof up to the last anchor. Undefined where the order is not one that waits for it. It has a name of its own, by
 * which the training itself ends: that may still be writing, so the part is a proof of its own beside it.
 */
export function stoppedDuty(agent: Agent, id: number, order: Order): Duty | undefined {
  if (order.state !== "Stopping") return undefined;
  return {
    key: `order/${id}/stopped`,
    async run({ signal }) {
      const anchored = await agent.chain.read(marketplace.Anchors, [id]);
      const last = anchored.at(-1);
      const whole = new Package(packageFolder(agent, id));
      const proof = whole.exists() ? await whole.proof() : undefined;
      const link = last && proof?.links[last.index];
      if (last === undefined || proof === undefined || link?.link !== toHex(last.link))
        throw new AgentError(
          "Foreign",
          `order ${id} was cancelled, and the work that was anchored is not in the folder: nothing of it can be proved`,
        );
      const part = new Package(join(orderFolder(agent, id), "part"));
      await part.writeProof({ ...proof, links: proof.links.slice(0, last.index + 1) });
      agent.log.info("proves what it did before its buyer cancelled", {
        order: id,
        checkpoint: last.index,
        step: last.step,
      });
      const files = await filesUpTo(whole.folder, last.index, last.step);
      const { recipient } = order.spec;
      const [proofFile, checkpoint] = [join(part.folder, "proof.json"), last.index];
      const stored = { part: "part", proof: proofFile, checkpoint, files, recipient } as const;
      return submitProof(agent, id, await storePackage(agent, id, stored, signal));
    },
  };
}

/** The files of a package without its proof, as far as a checkpoint. */
async function filesUpTo(folder: string, checkpoint: number, step: number): Promise<string[]> {
  const isMeant = (name: string) => {
    const [, kind, number] = /^(checkpoint|losses|state)-(\d+)\.safetensors$/.exec(name) ?? [];
    if (kind === undefined) return name === "manifest.json";
    return Number(number) <= (kind === "state" ? step : checkpoint);
  };
  const names = (await readdir(folder)).filter(isMeant).sort();
  return names.map((name) => join(folder, name));
}
