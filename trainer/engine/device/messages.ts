/** What passes between a device and the process that runs its sessions. */
import type { Tensor } from "../tensor.ts";

export type DeviceKind = "cpu" | "cuda" | "webgpu";

export interface LoadRequest {
  readonly type: "load";
  readonly graph: string;
  readonly bytes: Uint8Array;
  readonly options: SessionSettings;
  /** Graphs to let go of first. */
  readonly release: readonly string[];
}

export interface RunRequest {
  readonly type: "run";
  readonly graph: string;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Feeds to hold on to for later runs of this graph. */
  readonly keep: readonly string[];
  /** Outputs to hold on to, as the feeds of later runs that they map to. */
  readonly carry: Readonly<Record<string, string>>;
  /** Feeds held from earlier runs of this graph, to use again. */
  readonly again: readonly string[];
}

export type Request = LoadRequest | RunRequest;

export interface SessionSettings {
  readonly kind: DeviceKind;
  readonly deviceId: number;
  readonly threads: number;
}

export type Reply =
  | { readonly ok: true; readonly outputs: Readonly<Record<string, Tensor>> }
  | { readonly ok: false; readonly message: string };
