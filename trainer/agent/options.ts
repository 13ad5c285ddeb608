import type { Terms } from "../../pallets/marketplace/index.ts";
import type { Signer } from "../client/signer.ts";
import type { DeviceOptions } from "../engine/device/device.ts";
import type { Manifest } from "../proof/manifest.ts";
import type { StoreOptions } from "../storage/store.ts";
import type { Figures } from "./figures.ts";

/** One machine of the trainer that this agent speaks for. */
export interface MachineOptions {
  /** 16 bytes, unique on the chain. */
  readonly id: Uint8Array;
  /** What it declares, in uut per day; its bond follows. */
  readonly declared: bigint;
  /** On what terms it is for hire; none takes it off the market. */
  readonly offer: Terms | undefined;
  readonly device: DeviceOptions;
  readonly region?: string;
}

/** Which orders are taken besides what the offer's terms say. */
export interface Policy {
  /** Orders that a machine has at once; one is trained at a time on each device. */
  readonly maxOrders: number;
  /** The training window must be so many times what the measured capacity needs. */
  readonly haste: number;
  readonly formats: readonly Manifest["training"]["format"][];
}

/** Which units of community projects are taken, and how tasks are voted on. */
export interface DrillingOptions {
  /** In work at once on a machine; 0 takes none. */
  readonly units: number;
  /** Whether units are also asked for while an order is trained or inspected. */
  readonly besideOrders: boolean;
  /** `recount` counts a task's difficulty again and tries some of its units. */
  readonly vote: "recount" | "none";
  /** Tasks that are not taken. */
  readonly refuse: readonly number[];
  /** The highest bond for a unit, in the smallest unit of the token. */
  readonly maxBond: bigint;
}

/** How an agent tells what it does; every line names the duty and what it is about. */
export interface AgentLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

export interface AgentOptions {
  /** WebSocket address of a node. */
  readonly url: string;
  readonly signer: Signer;
  readonly machines: readonly MachineOptions[];
  readonly policy: Policy;
  /** For the journal, work in progress, and what is fetched. */
  readonly folder: string;
  /** How strangers' addresses are read. */
  readonly store: StoreOptions;
  /** Where proof packages go: `ipfs:`, or an address to which names are joined. */
  readonly packages: string;
  /**
   * A training is stored while it goes on, so that no more than one of so many parts is lost where its trainer vanishes; 0 stores
   * it at the end alone.
   */
  readonly storedParts?: number;
  /** Where results of drilling go, each under its hash: `ipfs:`, or an address to which names are joined. */
  readonly results?: string;
  /** Without it, the agent neither drills nor votes. */
  readonly drilling?: DrillingOptions | undefined;
  /** On what terms open orders are bid for; where it is absent, they are not. */
  readonly bids?: Terms | undefined;
  /** The most that may lie in the folder, in bytes; where it is absent, the disk is the bound. */
  readonly maxDiskBytes?: number | undefined;
  /** Whether rulings are appealed that it finds wrong; so it is where nothing is said. */
  readonly appeal?: boolean;
  /** Vested rewards are claimed when they come to this, in the smallest unit of the token. */
  readonly claimFrom: bigint;
  readonly log: AgentLog;
  /** What is told to Prometheus, if anything is. */
  readonly figures?: Figures | undefined;
}
