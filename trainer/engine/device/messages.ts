/** What passes between a device and the process that runs its sessions. */
import type { Tensor } from "../tensor.ts";

export type DeviceKind = "cpu" | "cuda" | "webgpu";

export type Request =
  | {
      readonly type: "load";
      readonly graph: string;
      readonly bytes: Uint8Array;
      readonly options: SessionSettings;
    }
  | {
      readonly type: "run";
      readonly graph: string;
      readonly feeds: Readonly<Record<string, Tensor>>;
      /** Feeds of the previous run to use again. */
      readonly again: readonly string[];
    };

export interface SessionSettings {
  readonly kind: DeviceKind;
  readonly deviceId: number;
  readonly threads: number;
}

export type Reply =
  | { readonly ok: true; readonly outputs: Readonly<Record<string, Tensor>> }
  | { readonly ok: false; readonly message: string };
