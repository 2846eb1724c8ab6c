import { createInterface } from "node:readline/promises"
import * as Effect from "effect/Effect"
import { modeOf } from "../../../core/peer/Genesis.ts"
import type { SessionReport } from "../../peer/SessionReport.ts"
import { ExitCode } from "../ExitCode.ts"
import { writeBytes } from "../look/JournalStatus.ts"
import { findRing, type RingChoice, type RingTarget } from "../look/RingFlags.ts"
import { misconfigured, misused, type Refusal } from "../Refusal.ts"
import { type Asked, askLeader } from "./AskLeader.ts"
import { writeSession } from "./WriteSession.ts"

/** Prints what is journaled of `client` in the ring that `choice` means. */
export const showSession = Effect.fnUntraced(function* (
  choice: RingChoice,
  client: string,
  output: "table" | "json",
): Effect.fn.Return<ExitCode, Refusal> {
  const target = yield* findJournaled(choice)
  const asked = yield* askLeader(target, client, "show")
  if (asked.answer.type !== "session") return fail(asked, client, output)
  const { session } = asked.answer
  const text =
    output === "json"
      ? JSON.stringify({ ...session, path: asked.path }, null, 2)
      : writeSession(session, target.genesis.cells)
  process.stdout.write(`${text}\n`)
  return session.fenced === null && session.serves ? ExitCode.ok : ExitCode.degraded
})

/** Forgets the session of `client`, after saying what is lost. */
export const resetSession = Effect.fnUntraced(function* (
  choice: RingChoice,
  client: string,
  { isSure, output }: { readonly isSure: boolean; readonly output: "table" | "json" },
): Effect.fn.Return<ExitCode, Refusal> {
  const target = yield* findJournaled(choice)
  const shown = yield* askLeader(target, client, "show")
  if (shown.answer.type !== "session") return fail(shown, client, output)
  const lost = whatIsLost(shown.answer.session)
  if (!isSure) {
    if (!process.stdin.isTTY || !process.stdout.isTTY) {
      return yield* misused(`${lost}; say --yes if that is meant`)
    }
    if (!(yield* confirm(`${lost}. Go on? [y/N] `))) return ExitCode.degraded
  }
  const asked = yield* askLeader(target, client, "reset")
  if (asked.answer.type !== "reset") return fail(asked, client, output)
  process.stdout.write(
    output === "json"
      ? `${JSON.stringify({ client, reset: true, entries: shown.answer.session.count }, null, 2)}\n`
      : `${JSON.stringify(client)} is reset: its next request begins a new session\n`,
  )
  return ExitCode.ok
})

const findJournaled = Effect.fnUntraced(function* (
  choice: RingChoice,
): Effect.fn.Return<RingTarget, Refusal> {
  const target = yield* findRing(choice)
  if (modeOf(target.genesis) === "replay") return target
  return yield* misconfigured(
    `the mode of ${target.genesis.cluster} is stateless, in which no session is journaled; see 'ringstead explain'`,
  )
})

/** What a reset would lose, in one line. */
export const whatIsLost = ({ bytes, client, count }: SessionReport): string =>
  count === 0
    ? `nothing is journaled of ${JSON.stringify(client)}`
    : `the session of ${JSON.stringify(client)}, ${count} journaled ${count === 1 ? "request" : "requests"} (${writeBytes(bytes)}), is lost for good`

const confirm = (question: string): Effect.Effect<boolean> =>
  Effect.promise(async (signal) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout })
    try {
      return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim())
    } catch {
      return false
    } finally {
      terminal.close()
    }
  })

const fail = ({ answer, path }: Asked, client: string, output: "table" | "json"): ExitCode => {
  const reason = answer.type === "refused" ? answer.reason : `${path.at(-1) ?? "?"} answered something else`
  process.stdout.write(
    output === "json"
      ? `${JSON.stringify({ client, problem: reason, path }, null, 2)}\n`
      : `${JSON.stringify(client)}: ${reason}\n`,
  )
  return ExitCode.broken
}
