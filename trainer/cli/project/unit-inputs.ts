import type { Tensors } from "../../engine/tensor.ts";

/** Units as a folder gives them. */
export interface UnitInputs {
  /** Which files, by their paths in the folder, each unit is made of. */
  readonly units: readonly (readonly string[])[];
  /** The tensors of one unit, by the names of the model's inputs. @throws DataError, InputError. */
  read(unit: number): Promise<Tensors>;
}
