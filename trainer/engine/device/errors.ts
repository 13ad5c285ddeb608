import { CodedError } from "../coded-error.ts";

/** Why a device did not do what it was asked. */
export type DeviceErrorCode =
  /** None of the wanted kinds works on this machine; the message has a reason for each. */
  | "Unavailable"
  /** ONNX Runtime does not take the graph. */
  | "Refused"
  /** The run failed within ONNX Runtime. */
  | "Failed"
  /** The wall-clock limit passed; the process was ended. */
  | "TimedOut"
  /** The memory limit was reached, or the machine had no more; the process was ended. */
  | "OutOfMemory"
  /** The process ended by itself or by somebody else. */
  | "Killed"
  /** The caller's signal was given; the process was ended. */
  | "Aborted";

/** A failure outside the program's own arithmetic. Nothing of the run is kept; the state before it is untouched. */
export class DeviceError extends CodedError<DeviceErrorCode> {
  override readonly name = "DeviceError";
}
