import { readFile } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { play } from "../../spec/scenario/Play.ts"
import { parseScenario } from "../../spec/scenario/Scenario.ts"
import { ExitCode } from "../cli/ExitCode.ts"
import { misconfigured, type Refusal } from "../cli/Refusal.ts"
import { loadSubject } from "./Subjects.ts"

/** Plays the scenario in `file` on each of its systems, and prints what happened. */
export const checkScenario = Effect.fnUntraced(function* (file: string): Effect.fn.Return<ExitCode, Refusal> {
  const refuse = (error: unknown): Refusal =>
    misconfigured(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  const scenario = yield* Effect.tryPromise({
    try: async () => parseScenario(await readFile(file, "utf8")),
    catch: refuse,
  })
  let problems = 0
  for (const { name, options, line } of scenario.systems) {
    const played = yield* Effect.tryPromise({
      try: async () => play(scenario, name, (await loadSubject(name)).system(options)),
      catch: (error) =>
        refuse(new Error(`line ${line}: ${error instanceof Error ? error.message : String(error)}`)),
    })
    process.stdout.write(`on ${name}\n${played.story.map((text) => `  ${text}\n`).join("")}`)
    for (const problem of played.problems) process.stdout.write(`${problem}\n`)
    problems += played.problems.length
  }
  process.stdout.write(problems === 0 ? "as expected\n" : "NOT as expected\n")
  return problems === 0 ? ExitCode.ok : ExitCode.degraded
})
