import type { TraceLine } from "../../core/peer/TraceLine.ts"
import { LINK_VERBS, PROCESS_VERBS } from "../plan/Plan.ts"
import { metFaults, type Run, spanOf } from "./Run.ts"

/** What a cell's members do that a fault may meet. */
export const ACTIONS = [
  "promised",
  "accepted",
  "installed",
  "stored",
  "acked",
  "committed",
  "released",
] as const

export type Action = (typeof ACTIONS)[number]

/** Which faults met which actions of the protocol. */
export interface Coverage {
  readonly rows: ReadonlyArray<{
    readonly verb: string
    /** Faults with this verb that were applied. */
    readonly faults: number
    /** Which assumptions of the system they break, by name. */
    readonly assumptions: ReadonlyArray<string>
    /** How often each action was taken by anybody while such a fault lasted, until the ring was whole again. */
    readonly met: Readonly<Record<Action, number>>
  }>
}

export const coverageOf = (run: Run): Coverage => {
  const acts = run.lines.map(({ said }) => said).filter(isAction)
  const met = metFaults(run)
  const rows = [...PROCESS_VERBS, ...LINK_VERBS].flatMap((verb) => {
    const spans = met.flatMap((one) => {
      const span = one.fault.verb === verb ? spanOf(one, run) : null
      return span === null ? [] : [[span[0], Math.max(span[1], one.record?.wholeAt ?? 0)] as const]
    })
    if (spans.length === 0) return []
    const during = acts.filter(({ t }) => spans.some(([from, to]) => t >= from && t <= to))
    const count = (action: Action): number => during.filter(({ type }) => type === action).length
    const assumptions = met.flatMap(({ fault, record }) =>
      fault.verb === verb && record !== undefined && record.assumption !== "" ? [record.assumption] : [],
    )
    return [
      {
        verb,
        faults: spans.length,
        assumptions: [...new Set(assumptions)],
        met: Object.fromEntries(ACTIONS.map((action) => [action, count(action)])) as Record<Action, number>,
      },
    ]
  })
  return { rows }
}

const isAction = (said: TraceLine): said is Extract<TraceLine, { readonly type: Action }> =>
  ACTIONS.some((action) => action === said.type)
