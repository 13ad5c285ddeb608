/** The devices of an agent's machines: one training at a time on each, and inspections where nothing is trained. */
import type { DeviceOptions } from "../engine/device/device.ts";
import { Turns } from "./turns.ts";

/** Two machines that name the same device share it. */
const keyOf = ({ prefer = ["cpu"], deviceId = 0 }: DeviceOptions): string => `${prefer[0]}:${deviceId}`;

export const isSameDevice = (a: DeviceOptions, b: DeviceOptions): boolean => keyOf(a) === keyOf(b);

export class Devices {
  readonly #options: readonly DeviceOptions[];
  readonly #turns = new Turns();
  /** How much is under way on each. */
  readonly #load = new Map<string, number>();

  /** `options` are those of each machine; an agent without machines has the usual device. */
  constructor(options: readonly DeviceOptions[]) {
    this.#options = options.length > 0 ? options : [{}];
  }

  /** Waits until nothing else is trained on the device, and trains; what waits is begun in its order. @throws the signal's reason. */
  async train<T>(options: DeviceOptions = {}, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const key = keyOf(options);
    return this.#turns.take(key, signal, () => this.#use(key, work));
  }

  /** Inspects on the device that has least to do: seats have deadlines that no training waits for. */
  async inspect<T>(work: (options: DeviceOptions) => Promise<T>): Promise<T> {
    const load = (options: DeviceOptions) => this.#load.get(keyOf(options)) ?? 0;
    const freest = this.#options.reduce((best, each) => (load(each) < load(best) ? each : best));
    return this.#use(keyOf(freest), () => work(freest));
  }

  /** Drills on a device beside whatever else is done there: units are asked for only where there is time for them. */
  drill<T>(options: DeviceOptions = {}, work: () => Promise<T>): Promise<T> {
    return this.#use(keyOf(options), work);
  }

  async #use<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#load.set(key, (this.#load.get(key) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.#load.set(key, this.#load.get(key)! - 1);
    }
  }
}
