import * as Data from "effect/Data"

/**
 * Why a peer has no service instance.
 *
 * - `missing`: the shell did not find the command, or could not execute it
 * - `exited`: it ended before it accepted a connection
 * - `unready`: it ran, but accepted no connection in time
 * - `leftover`: an instance of an earlier peer on the same directory still runs and cannot be ended
 * - `system`: no process, port or file to be had
 */
export class InstanceError extends Data.TaggedError("InstanceError")<{
  readonly kind: "missing" | "exited" | "unready" | "leftover" | "system"
  /** One line that names the input and the remedy. */
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}
