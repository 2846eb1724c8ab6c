import type { Call } from "../history/Call.ts"
import { type Run, sessionsOf } from "./Run.ts"
import { type Evidence, type Finding, judged, unknown } from "./Verdict.ts"

/** How often something may have happened, and how often a read at the end shows it. */
interface Tally {
  readonly what: string
  readonly least: number
  readonly most: number
  readonly shown: number
}

/**
 * No acknowledged effect is lost, none is applied twice: what each session's read at the end shows is held against what was
 * acknowledged, and what may have happened (chaos.md, Verdicts). It knows nothing of the order of things, and so is right
 * or wrong independently of the search for one.
 */
export const effects = (run: Run): readonly [lost: Finding, doubled: Finding] => {
  const lost: Array<Evidence> = []
  const doubled: Array<Evidence> = []
  const unread: Array<string> = []
  let acknowledged = 0
  let sessions = 0
  for (const [client, calls] of sessionsOf(run)) {
    const written = calls.filter(({ invoke, outcome }) => invoke.f !== "read" && outcome === "ok")
    if (written.length === 0) continue
    sessions++
    acknowledged += written.length
    const last = calls.findLast(
      ({ invoke, outcome }) => invoke.f === "read" && invoke.final && outcome === "ok",
    )
    if (last === undefined) {
      unread.push(client)
      continue
    }
    for (const { what, least, most, shown } of talliesOf(calls, last)) {
      const at = last.end?.time ?? null
      const operations = last.end === null ? [last.invoke.index] : [last.invoke.index, last.end.index]
      const where = { at, client, operations }
      if (shown < least)
        lost.push({ ...where, what: `${client}: ${what}: ${least} acknowledged, ${shown} there at the end` })
      if (shown > most)
        doubled.push({
          ...where,
          what: `${client}: ${what}: at most ${most} asked for, ${shown} there at the end`,
        })
    }
  }
  const counted = `${acknowledged} acknowledged effects of ${sessions} sessions`
  const finding = (claim: string, evidence: ReadonlyArray<Evidence>): Finding => {
    if (evidence.length > 0) return judged(claim, evidence, "")
    if (unread.length > 0 || sessions === 0) {
      const [first] = unread
      const reason =
        first === undefined
          ? "nothing was acknowledged"
          : `${unread.length} sessions were not read at the end, ${first} for one`
      return unknown(claim, reason)
    }
    return judged(claim, [], counted)
  }
  return [finding("no acknowledged effect lost", lost), finding("no effect applied twice", doubled)]
}

const talliesOf = (calls: ReadonlyArray<Call>, last: Call): ReadonlyArray<Tally> => {
  const before = calls.filter(({ invoke }) => invoke.index < last.invoke.index)
  const value: unknown = last.end?.value
  switch (last.invoke.workload) {
    case "ledger":
      return ledgerTallies(before, Array.isArray(value) ? value : [])
    case "cart":
      return cartTallies(before, (value ?? {}) as Readonly<Record<string, number>>)
    case "counter":
    case "short":
    case "hot":
      return [
        {
          what: "the count",
          ...bounds(before.filter(({ invoke }) => invoke.f === "increment")),
          shown: Number(value),
        },
      ]
  }
}

const bounds = (calls: ReadonlyArray<Call>): { readonly least: number; readonly most: number } => ({
  least: calls.filter(({ outcome }) => outcome === "ok").length,
  most: calls.filter(({ outcome }) => outcome !== "fail").length,
})

/** Each number by itself; one that nobody appended may be there never. */
const ledgerTallies = (calls: ReadonlyArray<Call>, list: ReadonlyArray<unknown>): ReadonlyArray<Tally> => {
  const appends = Map.groupBy(
    calls.filter(({ invoke }) => invoke.f === "append"),
    ({ invoke }) => invoke.value,
  )
  return [...new Set([...appends.keys(), ...list])].map((value) => ({
    what: `number ${JSON.stringify(value)}`,
    ...bounds(appends.get(value) ?? []),
    shown: list.filter((one) => one === value).length,
  }))
}

/** What was put in after the last time that all of it may have been taken out is there; what was before need not be. */
const cartTallies = (
  calls: ReadonlyArray<Call>,
  shown: Readonly<Record<string, number>>,
): ReadonlyArray<Tally> => {
  const items = new Set([
    ...calls.flatMap(({ invoke }) => (invoke.f === "read" ? [] : [String(invoke.value)])),
    ...Object.keys(shown),
  ])
  return [...items].map((item) => {
    const of = calls.filter(({ invoke }) => String(invoke.value) === item)
    const adds = of.filter(({ invoke }) => invoke.f === "add")
    const removes = of.filter(({ invoke, outcome }) => invoke.f === "remove" && outcome !== "fail")
    const surelyAfter = adds.filter(({ invoke }) =>
      removes.every(({ outcome, end }) => outcome === "ok" && end !== null && end.index < invoke.index),
    )
    const begun = Math.max(
      -1,
      ...removes.filter(({ outcome }) => outcome === "ok").map(({ invoke }) => invoke.index),
    )
    const surelyBefore = adds.filter(
      ({ end, outcome }) => outcome === "ok" && end !== null && end.index < begun,
    )
    return {
      what: `${item} in the cart`,
      least: bounds(surelyAfter).least,
      most: bounds(adds).most - surelyBefore.length,
      shown: shown[item] ?? 0,
    }
  })
}
