import { faultText, metFaults, type Run, secondsOf } from "./Run.ts"
import { type Evidence, type Finding, judged, unknown } from "./Verdict.ts"

/** Of what the plan's rates ask for, the part that has to be answered for a run to say anything. */
const LEAST_PART = 0.2
const LEAST = 20

/** There was enough to see: a run in which hardly anything was asked is no pass. */
export const enoughTraffic = ({ plan, calls, record }: Run): Finding => {
  const claim = "enough traffic"
  // What is answered while all is healed says nothing of faults.
  const answered = calls.filter(
    ({ outcome, end }) => outcome === "ok" && (end?.time ?? 0) < record.settleAt,
  ).length
  const perSecond = plan.workloads.reduce(
    (sum, { clients, ratePerClient }) => sum + clients * ratePerClient,
    0,
  )
  const asked = (perSecond * (plan.calmMs + plan.faultsMs)) / 1_000
  const due = Math.ceil(Math.max(LEAST, asked * LEAST_PART))
  const told = `${answered} requests answered; ${due} are the least for a verdict`
  return answered < due ? unknown(claim, told) : judged(claim, [], told)
}

/** Every fault of the plan was applied, and seen to do something. */
export const everyFaultBit = (run: Run): Finding => {
  const claim = "every fault bit"
  const doubts = metFaults(run).flatMap(({ number, fault, record }): ReadonlyArray<Evidence> => {
    if (record?.bit === true && record.unavailable === undefined) return []
    const what = `fault ${number}, ${faultText(fault)}`
    if (record === undefined) return [{ what: `${what}, was never applied`, at: null }]
    const at = record.appliedAt
    if (record.unavailable !== undefined)
      return [{ what: `${what}, cannot be done here: ${record.unavailable}`, at }]
    const seen = record.proof === "" ? "nothing was seen of it" : record.proof
    return [{ what: `${what}, at ${secondsOf(at, run)}: ${seen}`, at }]
  })
  const [first] = doubts
  return first === undefined
    ? judged(claim, [], `${run.plan.faults.length} faults`)
    : unknown(claim, `${first.what}${doubts.length === 1 ? "" : `; and ${doubts.length - 1} more`}`, doubts)
}
