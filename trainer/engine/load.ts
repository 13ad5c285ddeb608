/** Opens model files: the one place of the engine that follows a path out of a stranger's file. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { EngineError, ensure } from "./error.ts";
import type { Limits } from "./onnx/limits.ts";
import { defaultLimits } from "./onnx/limits.ts";
import type { Model } from "./onnx/model.ts";
import { type ReadOptions, readModel } from "./onnx/read.ts";
import type { ReadExternal } from "./onnx/read-tensor.ts";

export type LoadOptions = Pick<ReadOptions, "limits" | "loops">;

/** Reads a model with the data that lies in files beside it. Throws an EngineError, also for what cannot be opened. */
export function loadModel(path: string, { limits = defaultLimits, loops = false }: LoadOptions = {}): Model {
  const stat = opening(path, () => statSync(path));
  ensure(stat.isFile(), "Malformed", `${path} is not a file`);
  const { size } = stat;
  ensure(size <= limits.fileBytes, "TooLarge", `${path} has ${size} bytes, the limit is ${limits.fileBytes}`);
  const bytes = opening(path, () => readFileSync(path));
  return readModel(bytes, { limits, loops, external: besides(path, limits) });
}

/** Reads only from files in the folder of the model, links resolved, and no more than the limit in all. */
function besides(path: string, limits: Limits): ReadExternal {
  const folder = opening(path, () => realpathSync(dirname(path)));
  let total = 0;
  return (location, offset, length) => {
    const shown = JSON.stringify(location);
    ensure(
      !isAbsolute(location) && !location.includes("\0"),
      "Malformed",
      `its data is in ${shown}, outside of the model's folder`,
    );
    const real = opening(location, () => realpathSync(resolve(folder, location)));
    const within = relative(folder, real);
    const inside = within !== "" && within !== ".." && !within.startsWith(`..${sep}`) && !isAbsolute(within);
    ensure(inside, "Malformed", `its data is in ${shown}, outside of the model's folder`);

    const file = opening(location, () => openSync(real, "r"));
    try {
      const stat = fstatSync(file);
      ensure(stat.isFile(), "Malformed", `${shown} is not a file`);
      const count = length ?? stat.size - offset;
      ensure(
        count >= 0 && offset + count <= stat.size,
        "Malformed",
        `${shown} ends before byte ${offset + Math.max(0, count)}`,
      );
      total += count;
      ensure(total <= limits.fileBytes, "TooLarge", `external data of more than ${limits.fileBytes} bytes`);
      const bytes = new Uint8Array(count);
      let at = 0;
      while (at < count) {
        const got = readSync(file, bytes, at, count - at, offset + at);
        ensure(got > 0, "Malformed", `${shown} became shorter while it was read`);
        at += got;
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  };
}

function opening<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EngineError("Malformed", `${name} cannot be read: ${code ?? "unknown reason"}`);
  }
}
