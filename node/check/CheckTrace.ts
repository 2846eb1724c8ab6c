import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { TraceText } from "../../spec/conformance/trace/ReadTraces.ts"
import { checkTraces, MOST } from "../../spec/conformance/trace/TraceCheck.ts"
import { ExitCode } from "../cli/ExitCode.ts"
import { misconfigured, type Refusal } from "../cli/Refusal.ts"
import { systemReason } from "../log/SystemReason.ts"

/** Holds traces against the protocol, and prints the first lines that contradict it. */
export const checkTrace = Effect.fnUntraced(function* (
  paths: ReadonlyArray<string>,
): Effect.fn.Return<ExitCode, Refusal> {
  const traces: Array<TraceText> = []
  for (const path of paths) traces.push(...(yield* read(path)))
  const { cells, committed, lines, lookups, longLookups, members, problems, released, untraced, views } =
    checkTraces(traces)
  if (lines === 0) {
    return yield* misconfigured(
      `${paths.join(", ")}: no line of a trace in it; ringstead peer --trace writes them`,
    )
  }
  for (const { claim, file, line, problem } of problems) print(`${file}:${line}: ${claim}: ${problem}`)
  if (problems.length >= MOST) print(`no more is looked for after ${MOST} problems`)
  print(
    `${lines} lines of ${members.join(", ")}: ${cells} cells, ${views} changes of view, ${committed} entries committed, ` +
      `${released} answers, ${lookups} lookups${longLookups === 0 ? "" : `, ${longLookups} of them longer than they should be`}`,
  )
  if (untraced.length > 0) {
    print(
      `without a trace, so that nothing that rests on them is held against anybody: ${untraced.join(", ")}`,
    )
  }
  print(
    problems.length === 0
      ? "together they are a behaviour of the protocol"
      : "they are NO behaviour of the protocol",
  )
  if (problems.length > 0) return ExitCode.degraded
  return untraced.length > 0 ? ExitCode.broken : ExitCode.ok
})

/** A trace, or all traces of a directory. */
const read = (path: string): Effect.Effect<ReadonlyArray<TraceText>, Refusal> =>
  Effect.try({
    try: () => {
      const files = statSync(path).isDirectory()
        ? readdirSync(path)
            .filter((name) => name.endsWith(".jsonl"))
            .toSorted()
            .map((name) => join(path, name))
        : [path]
      return files.map((file) => ({ file, text: readFileSync(file, "utf8") }))
    },
    catch: (error) =>
      misconfigured(`${path} cannot be read: ${systemReason(error)}; name a trace, or a directory of them`),
  })

const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
