import * as Data from "effect/Data"

/**
 * Why a stored journal cannot be used; a peer takes no part with it.
 *
 * - `missing`: it is not there, though it was made
 * - `damaged`: something that was flushed is lost, or not what was written
 * - `unusable`: the system does not let it be read or written
 */
export class StorageError extends Data.TaggedError("StorageError")<{
  readonly kind: "missing" | "damaged" | "unusable"
  /** One line: the file, the position in it, what is wrong there, the remedy. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}
