import * as Data from "effect/Data"

/**
 * Why a peer may not run as what it was told to be, on the data directory it was given.
 *
 * - `unusable`: the directory is no directory, cannot be made, read or written
 * - `inUse`: another process has it
 * - `malformed`: identity.json in it is none
 * - `foreign`: it belongs to another peer or another cluster
 * - `placement`: where the peer was told to be contradicts the genesis file, or the directory, or is not told at all
 */
export class IdentityError extends Data.TaggedError("IdentityError")<{
  readonly kind: "unusable" | "inUse" | "malformed" | "foreign" | "placement"
  /** One line that names the input and the remedy. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}
