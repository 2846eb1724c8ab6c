import * as Data from "effect/Data"
import { ExitCode } from "./ExitCode.ts"

/** A command gave up for a reason that is not a defect. `reason` is one line that names the input and the remedy. */
export class Refusal extends Data.TaggedError("Refusal")<{
  readonly code: ExitCode
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/** A file, a directory or a combination of options that cannot work. */
export const misconfigured = (reason: string): Refusal => new Refusal({ code: ExitCode.config, reason })

/** Something from outside is not to be had. */
export const unavailable = (reason: string): Refusal => new Refusal({ code: ExitCode.unavailable, reason })

/** The command line asks for something that makes no sense. */
export const misused = (reason: string): Refusal => new Refusal({ code: ExitCode.usage, reason })
