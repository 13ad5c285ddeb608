/** What must not be lost between a unit's commitment and its reveal, in the journal before the commitment is sent. */
import { commitmentOf, type UnitKey } from "../../../pallets/drilling/index.ts";
import { fromHex } from "../../../runtime/primitives/bytes.ts";
import type { Agent } from "../agent-context.ts";

/** Hash of the result, and the salt, in hex. */
export interface Opening {
  readonly result: string;
  readonly salt: string;
}

type Keeper = Pick<Agent, "journal" | "chainId">;

export const openingOf = ({ journal, chainId }: Keeper, key: UnitKey): Promise<Opening | undefined> =>
  journal.get<Opening>(rowOf(chainId, key));

/** Resolves when it is on the disk. */
export const keepOpening = ({ journal, chainId }: Keeper, key: UnitKey, opening: Opening): Promise<void> =>
  journal.put(rowOf(chainId, key), opening);

/** Forgets all openings but those of these units. */
export async function forgetOpenings(
  { journal, chainId }: Keeper,
  except: readonly UnitKey[],
): Promise<void> {
  const kept = new Set(except.map((key) => rowOf(chainId, key)));
  for (const row of await journal.keys(prefixOf(chainId))) if (!kept.has(row)) await journal.forget(row);
}

/** Results of all openings but those of these units, in hex. */
export async function resultsBut(
  { journal, chainId }: Keeper,
  except: readonly UnitKey[],
): Promise<Set<string>> {
  const left = new Set(except.map((key) => rowOf(chainId, key)));
  const rows = (await journal.keys(prefixOf(chainId))).filter((row) => !left.has(row));
  const openings = await Promise.all(rows.map((row) => journal.get<Opening>(row)));
  return new Set(openings.flatMap((opening) => (opening ? [opening.result] : [])));
}

/** Result and salt as the chain has them. */
export const bytesOf = ({ result, salt }: Opening) => ({ result: fromHex(result)!, salt: fromHex(salt)! });

/** What is committed to. */
export function commitmentTo(account: Uint8Array, key: UnitKey, opening: Opening): Uint8Array {
  const { result, salt } = bytesOf(opening);
  return commitmentOf(key, account, result, salt);
}

/** Units of another chain, or of one begun anew, have the same numbers. */
const prefixOf = (chainId: string): string => `unit/${chainId}/`;
const rowOf = (chainId: string, { task, unit }: UnitKey): string => `${prefixOf(chainId)}${task}/${unit}`;
