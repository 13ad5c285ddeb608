/** A chain specification that cannot be used; `field` says where, in the notation of the file. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  readonly field: string;

  constructor(field: string, problem: string) {
    super(
      field === "" ? `chain specification: ${problem}` : `chain specification, field ${field}: ${problem}`,
    );
    this.field = field;
  }
}
