/**
 * Every table of the node's database. A row's key starts with its column's letter, so one batch writes to all
 * of them together.
 */
export const columns = {
  /** Facts about the database itself, by name. */
  meta: "m",

  /** Trie nodes by (version, path). */
  node: "n",
  /** What is known of each kept state, by version. */
  state: "s",
  /** Nodes that a state made obsolete, by version. */
  journal: "j",
  /** Version of the canonical state, by depth. */
  canonical: "c",
  /** Versions of given-up forks whose rows are still there, because somebody reads them. */
  doomed: "x",
  /** The best state, key to value: in one of two columns, so that another state can come together in the other. */
  flat: "f",
  otherFlat: "g",

  /** Block headers by hash. */
  header: "h",
  /** Extrinsics of a block by hash. */
  body: "b",
  /** Proofs of finality by block hash. */
  justification: "J",
  /** Hash of the best chain's block, by number. */
  canonicalHash: "H",
  /** Hashes of all blocks, by number. */
  hashesAt: "N",
  /** State version of a block, by hash. */
  stateOf: "S",
  /** What a block and its ancestors weigh in the choice between branches, by hash. */
  branchWeight: "w",

  /** What a voter must not forget, and the proofs that lead from one set of voters to the next. */
  finality: "v",

  /** What operators keep on their node through RPC; no part of the chain. */
  offchain: "o",
} as const;

export type Column = (typeof columns)[keyof typeof columns];
