/** The key pair to which others seal what this trainer alone may read: beside the journal, its public half on the chain. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storage as trainers } from "../../pallets/trainer-staking/index.ts";
import { equalBytes, fromHex, toHex } from "../../runtime/primitives/bytes.ts";
import { type SealKeys, sealKeys } from "../storage/sealed.ts";
import type { Agent } from "./agent-context.ts";
import { AgentError } from "./agent-error.ts";
import type { Duty } from "./duties.ts";

/** The pair in a folder, made at the first time; only its owner may read the file. @throws AgentError `Journal`. */
export function openSealingKey(folder: string): SealKeys {
  const file = join(folder, "sealing-key");
  const seed = fromHex(textOf(file).trim());
  if (seed?.length !== 32)
    throw new AgentError(
      "Journal",
      `${file} holds no key (0x and 64 digits): put back the one that was there, or remove it to have a new one made`,
    );
  return sealKeys(seed);
}

/** What is in the file. It is there whole or not at all, whatever ends the agent that makes it. */
function textOf(file: string): string {
  const partial = `${file}.new`;
  try {
    if (!existsSync(file)) {
      writeFileSync(partial, `${toHex(randomBytes(32))}\n`, { mode: 0o600, flush: true });
      renameSync(partial, file);
    }
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new AgentError("Journal", `${file} cannot be made or read: ${(error as Error).message}`);
  }
}

/** Tells the chain of the pair. Undefined where it knows, as of a block. */
export async function sealingDuty(agent: Agent, at: string): Promise<Duty | undefined> {
  const key = new Uint8Array(agent.sealing.publicKey);
  const known = await agent.chain.read(trainers.SealingKeys, [agent.account], at);
  if (known !== undefined && equalBytes(known, key)) return undefined;
  return {
    key: "sealing-key",
    async run() {
      const value = { type: "set_sealing_key", value: { key } } as const;
      const { block } = await agent.send({ type: "TrainerStaking", value });
      agent.log.info("can be sealed to", { key: toHex(key) });
      return block.number;
    },
  };
}
