import type { Call } from "../history/Call.ts"
import type { WorkloadName } from "../plan/Plan.ts"
import { type Limits, linearize } from "./Linearize.ts"
import { withModel } from "./models/ModelOf.ts"
import { type Run, secondsOf, sessionsOf } from "./Run.ts"
import { type Evidence, type Finding, judged, unknown } from "./Verdict.ts"

const CLAIM = "linearizable"

/** For each session. The same everywhere, so that verdicts are too: a slow machine runs out of time long after. */
export const STEPS = 2_000_000
const BYTES = 256 * 2 ** 20

/** For all sessions together, in ms. */
const TIME_MS = 120_000

/**
 * Each session by itself is what one service could have given, doing one thing after another (chaos.md, Verdicts);
 * sessions have nothing to do with each other, so no more than that is to be shown.
 */
export const linearizable = (
  run: Run,
  {
    steps = STEPS,
    bytes = BYTES,
    timeMs = TIME_MS,
  }: Partial<Readonly<Record<"steps" | "bytes" | "timeMs", number>>> = {},
): Finding => {
  const evidence: Array<Evidence> = []
  const undecided: Array<Evidence> = []
  const sessions = sessionsOf(run)
  const deadline = performance.now() + timeMs
  const limits: Limits = { steps, bytes, hasTime: () => performance.now() < deadline }
  for (const [client, calls] of sessions) {
    const workload = calls[0]?.invoke.workload ?? "counter"
    const found = withModel(workload, calls, (model) => linearize(calls, model, limits))
    if (found.type === "unknown") {
      const what = `the search through ${calls.length} calls of ${client} was given up after ${found.steps} steps: ${AT_END[found.why]}`
      undecided.push({ what, at: null, client })
    }
    if (found.type !== "contradiction") continue
    const piece = smallestPiece(workload, calls, found.stuck, limits)
    const told = piece.map((call) => callText(call, run)).join("; ")
    evidence.push({
      what: `${client}: no single service could have answered so: ${told}`,
      at: piece.at(-1)?.end?.time ?? null,
      client,
      operations: piece.flatMap(({ invoke, end }) => [invoke.index, ...(end === null ? [] : [end.index])]),
    })
  }
  const [first] = undecided
  if (evidence.length === 0 && first !== undefined)
    return unknown(CLAIM, `${undecided.length} sessions could not be decided: ${first.what}`, undecided)
  return judged(CLAIM, evidence, `${sessions.size} sessions, ${run.calls.length} calls`)
}

const AT_END = {
  steps: "it took too many",
  memory: "it took too much memory",
  time: "it took too long",
} as const

/** Searches that looking for the smallest piece may take, and the steps of each. */
const PIECES = 100
const PIECE_STEPS = 4_000

/**
 * Few answers that contradict each other. An answer that is not needed for it is forgotten, as if its call had timed out:
 * the call may have happened all the same, so what is left is a contradiction of these answers alone.
 */
export const smallestPiece = (
  workload: WorkloadName,
  calls: ReadonlyArray<Call>,
  stuck: ReadonlyArray<Call>,
  limits: Limits,
): ReadonlyArray<Call> => {
  let until = Math.max(...stuck.map(({ end }) => end?.index ?? 0))
  const answeredBy = (line: number): ReadonlyArray<Call> =>
    calls.filter(({ outcome, end }) => outcome === "ok" && end !== null && end.index <= line)
  let searches = 0
  const contradicts = (answers: ReadonlyArray<Call>): boolean => {
    if (++searches > PIECES) return false
    const kept = new Set(answers)
    const weaker = calls
      .filter(({ invoke }) => invoke.index <= until)
      .map((call): Call => (call.outcome === "ok" && !kept.has(call) ? { ...call, outcome: "open" } : call))
    const found = withModel(workload, weaker, (model) =>
      linearize(weaker, model, { ...limits, steps: PIECE_STEPS }),
    )
    return found.type === "contradiction"
  }
  // What was answered before may be all right, and be contradicted by what a later read shows.
  if (!contradicts(answeredBy(until))) until = Infinity
  let heard = answeredBy(until)
  // Ever smaller lumps, the earliest first: what contradicts is mostly at the end.
  for (let size = Math.ceil(heard.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < heard.length;) {
      const without = [...heard.slice(0, from), ...heard.slice(from + size)]
      if (contradicts(without)) heard = without
      else from += size
    }
  }
  return heard
}

/** A call in a few words. */
export const callText = ({ invoke, end, outcome }: Call, run: Run): string => {
  const argument = invoke.value === null ? "" : ` ${JSON.stringify(invoke.value)}`
  const answer = outcome === "ok" ? ` = ${shortened(JSON.stringify(end?.value))}` : ` (${outcome})`
  return `${invoke.f}${argument}${answer} at ${secondsOf(end?.time ?? invoke.time, run)}`
}

const shortened = (text: string): string =>
  text.length > 60 ? `${text.slice(0, 40)}…${text.slice(-16)}` : text
