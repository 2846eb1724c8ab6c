import { checkTraces } from "../../spec/conformance/trace/TraceCheck.ts"
import type { Run } from "./Run.ts"
import { type Finding, judged, unknown } from "./Verdict.ts"

const CLAIM = "traces are a behaviour of the spec"

/** The traces of all peers together are what the protocol allows. */
export const traceConformance = ({ traces, plan, lines: said }: Run): Finding => {
  if (plan.mode === "stateless") return judged(CLAIM, [], "there is no journal in the mode stateless")
  if (traces.length === 0) return unknown(CLAIM, "there are no traces")
  const { problems, lines, cells, committed, views, released } = checkTraces(traces)
  if (problems.length === 0 && released === 0) return unknown(CLAIM, "no trace tells of a response")
  const times =
    problems.length === 0 ? new Map<string, number>() : new Map(said.map((one) => [one.where, one.said.t]))
  const evidence = problems.map(({ file, line, claim, problem }) => ({
    what: `${file}:${line}: ${claim}: ${problem}`,
    at: times.get(`${file}:${line}`) ?? null,
    traces: [`${file}:${line}`],
  }))
  return judged(
    CLAIM,
    evidence,
    `${lines} lines, ${cells} cells, ${committed} entries committed, ${released} responses, ${views} changes of view`,
  )
}
