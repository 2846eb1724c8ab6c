import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { TraceLine } from "../../core/peer/TraceLine.ts"
import { systemReason } from "../log/SystemReason.ts"

/** Takes lines of a trace; when it returns they are with the operating system, where no kill of this process reaches them. */
export type TraceSink = (lines: ReadonlyArray<TraceLine>) => void

/**
 * Opens a trace file to be gone on with. It is closed with the scope.
 *
 * @param failed hears, once, why it can be written no more; the peer goes on, and so does its trace should there be room
 */
export const openTrace = (
  file: string,
  failed: (reason: string) => void,
): Effect.Effect<TraceSink, { readonly reason: string }, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => openSync(file, "a+"),
      catch: (error) => ({
        reason: `--trace ${file} cannot be written: ${systemReason(error)}; choose another file`,
      }),
    }),
    (handle) => Effect.sync(() => closeSync(handle)),
  ).pipe(
    Effect.map((handle) => {
      let isWhole = endsWhole(handle)
      let told = false
      return (lines) => {
        if (lines.length === 0) return
        const text = `${isWhole ? "" : "\n"}${lines.map((line) => JSON.stringify(line)).join("\n")}\n`
        try {
          isWhole = writeSync(handle, text) === Buffer.byteLength(text)
        } catch (error) {
          isWhole = false
          if (!told) failed(`the trace ${file} has a gap from here on: ${systemReason(error)}`)
          told = true
        }
      }
    }),
  )

/** Whether the file ends with a whole line; a process that was killed, or a full disk, may have left a part of one. */
const endsWhole = (handle: number): boolean => {
  const { size } = fstatSync(handle)
  if (size === 0) return true
  const last = Buffer.alloc(1)
  readSync(handle, last, 0, 1, size - 1)
  return last.toString() === "\n"
}
