/** Bounds on what the engine reads from strangers. All are generous for real models and small beside a host's memory. */
export interface Limits {
  /** Size of the file, and of all external data together. */
  readonly fileBytes: number;
  /** Size of everything in the file but raw tensor data: the part that grows when it is decoded. */
  readonly structureBytes: number;
  readonly nodes: number;
  readonly initialisers: number;
  /** Inputs and outputs of the graph, and of one node. */
  readonly arity: number;
  readonly rank: number;
  /** Elements of one tensor, given or computed. */
  readonly elements: number;
  /** Elements of all tensors that one step computes together. */
  readonly stepElements: number;
  readonly nameLength: number;
}

export const defaultLimits: Limits = {
  fileBytes: 2 ** 30,
  structureBytes: 16 * 2 ** 20,
  nodes: 20_000,
  initialisers: 10_000,
  arity: 256,
  rank: 8,
  elements: 2 ** 28,
  stepElements: 2 ** 32,
  nameLength: 512,
};

/** The operator sets whose meaning the engine knows. */
export const supportedOpsets = { min: 11, max: 20 } as const;
