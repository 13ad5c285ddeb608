/** What `TrainerApi_explain` does not tell of a trainer: its sealing key, keys that it was given, and rulings in dispute. */
import { type KeyPurpose, storage as marketplace } from "../../pallets/marketplace/index.ts";
import { type Inspection, storage as proofs, type Ruling } from "../../pallets/proof-of-training/index.ts";
import { storage as staking } from "../../pallets/trainer-staking/index.ts";
import { equalBytes } from "../../runtime/primitives/bytes.ts";
import type { ChainClient } from "./chain-client.ts";
import type { Explanation } from "./queries.ts";

const purposes: readonly KeyPurpose[] = ["TrainingData", "ValidationData", "Package"];

/** An order that this trainer trains or judges. */
export interface Involvement {
  readonly order: number;
  /** Keys that it was given for it. */
  readonly keys: readonly KeyPurpose[];
  /** What the panel has ruled, once it has. */
  readonly ruling: Ruling | undefined;
  /** What it said itself, as an inspector. */
  readonly own: Ruling | undefined;
  readonly isTrainer: boolean;
  /** Somebody has appealed. */
  readonly isAppealed: boolean;
}

export interface Standing {
  /** X25519 key to which others seal what is for this trainer. */
  readonly sealingKey: Uint8Array | undefined;
  readonly involvements: readonly Involvement[];
}

/** Asks for the orders among its duties. */
export async function standingOf(chain: ChainClient, facts: Explanation): Promise<Standing> {
  const { account, duties } = facts;
  const trained = duties.orders.map(({ order }) => order);
  const orders = [...new Set([...trained, ...duties.inspections.map(({ order }) => order)])];
  const involvements = orders.map(async (order): Promise<Involvement> => {
    const [inspection, ...given] = await Promise.all([
      chain.read(proofs.Inspections, [order]),
      ...purposes.map((purpose) => chain.read(marketplace.ReleasedKeys, [order, account, purpose])),
    ]);
    return {
      order,
      keys: purposes.filter((_, i) => given[i] !== undefined),
      ruling: inspection?.ruling,
      own: inspection && voteOf(inspection, account),
      isTrainer: trained.includes(order),
      isAppealed: inspection?.appeal !== undefined,
    };
  });
  return {
    sealingKey: await chain.read(staking.SealingKeys, [account]),
    involvements: await Promise.all(involvements),
  };
}

const voteOf = ({ seats }: Inspection, who: Uint8Array): Ruling | undefined =>
  seats.findLast(({ inspector }) => equalBytes(inspector, who))?.vote?.ruling;
