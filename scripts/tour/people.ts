/** The test accounts by name: who does what in the tour. */
import { testAccounts } from "../../chain-spec/presets.ts";
import { addressOf } from "../../trainer/cli/chain/account.ts";

/** Whose machines are for hire, in the order in which chains with fewer of them take them. */
export const trainerNames = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"] as const;

/** Publishes the task that trainers drill. */
export const projectName = "Eve";
/** Orders the model. */
export const buyerName = "Ferdie";

const nameOfAddress = new Map(
  Object.entries(testAccounts).map(([uri, address]) => [address as string, uri.replace("//", "")]),
);

export const addressOfName = (name: string): string => testAccounts[`//${name}` as keyof typeof testAccounts];

/** The name of a test account, or the beginning of its address. */
export function nameOf(account: Uint8Array): string {
  const address = addressOf(account);
  return nameOfAddress.get(address) ?? `${address.slice(0, 8)}…`;
}

/** The same text with names in place of addresses. */
export const withNames = (text: string): string =>
  text.replace(/\b5[1-9A-HJ-NP-Za-km-z]{46,47}\b/g, (address) => nameOfAddress.get(address) ?? address);
