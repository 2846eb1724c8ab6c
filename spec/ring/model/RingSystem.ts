import type { Mutant, Scope, Sizes } from "../../explorer/Subject.ts"
import type { Goal, Invariant, System } from "../../explorer/System.ts"
import { neededClaims, publishedClaims } from "../EventClaims.ts"
import type { FlightClaim } from "../invariants/Claim.ts"
import { oneLiveSuccessor } from "../invariants/OneLiveSuccessor.ts"
import { orderedSuccessorLists } from "../invariants/OrderedSuccessorLists.ts"
import { principalsOnRing } from "../invariants/PrincipalsOnRing.ts"
import { sufficientPrincipals } from "../invariants/SufficientPrincipals.ts"
import { correctedChord } from "./CorrectedChord.ts"
import { publishedChord } from "./PublishedChord.ts"
import { absent, byLists, ideal, inFlight, isIdeal, type Ring, snapshotOf } from "./Ring.ts"
import { environment, originalAssumption, ourAssumption } from "./RingEnvironment.ts"
import { ringMutants } from "./RingMutants.ts"
import type { RingOptions } from "./RingOptions.ts"
import type { Place, RingRule } from "./RingRule.ts"
import { ringWitnesses } from "./RingWitnesses.ts"

/** A rule at a place. */
export interface RingAction extends Place {
  readonly rule: string
}

/** Everything that may happen by `options`, as data. */
export const ringRules = ({ rules, successors, mutant }: RingOptions): ReadonlyArray<RingRule> =>
  rules === "original"
    ? [...publishedChord, ...environment(originalAssumption())]
    : [...correctedChord(mutant), ...environment(ourAssumption(successors, mutant))]

export const system = (options: RingOptions): System<Ring, RingAction> => {
  const rules = ringRules(options)
  const byName = new Map(rules.map((rule) => [rule.name, rule]))
  return {
    name: `ring, ${options.rules} rules`,
    initial: [begin(options)],
    actions: (ring) => {
      const actions: Array<RingAction> = []
      for (const { name: rule, enabled } of rules)
        for (const place of enabled(ring)) actions.push({ rule, ...place })
      return actions
    },
    apply: (ring, action) => byName.get(action.rule)?.happen(ring, action) ?? ring,
    fingerprint: ({ peers, failures, suspicions }) => {
      let text = String.fromCharCode(failures, suspicions)
      for (const { code } of peers) text += code
      return text
    },
    invariants: judged(options.rules === "ours" ? ringInvariants(options) : publishedClaims),
    witnesses: ringWitnesses(options),
    goals: options.rules === "ours" ? [becomesIdeal(byName)] : [],
    describe: ({ rule, at, other }) => (other === undefined ? `${rule} ${at}` : `${rule} ${at} ${other}`),
    show,
  }
}

/** From the fewest founders that the rules allow, the others joining; from all but one; and from all. */
export const scopes = ({ peers = 4, rules = "ours" }: Sizes): ReadonlyArray<Scope<RingOptions>> => {
  if (rules !== "ours" && rules !== "original")
    throw new RangeError(`the ring has the rules "ours" and "original", not "${rules}"`)
  if (!(peers > LENGTH && peers <= 8))
    throw new RangeError(`a ring of 3 to 8 peers can be explored, not of ${peers}`)
  const failures = peers - LENGTH - 1
  if (rules === "original") return [scope({ rules, peers, founders: first(3), failures: 1 })]
  return [LENGTH + 1, peers - 1, peers]
    .filter((founders, i, all) => founders > LENGTH && all.indexOf(founders) === i)
    .map((founders) => scope({ rules, peers, founders: first(founders), failures }))
}

const LENGTH = 2

const first = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, id) => id)

const scope = (some: Pick<RingOptions, "peers" | "founders"> & Partial<RingOptions>): Scope<RingOptions> => {
  const options = { rules: "ours" as const, successors: LENGTH, failures: 1, suspicions: 0, ...some }
  const { peers, founders, failures, suspicions } = options
  const parts = [
    `${peers} peers`,
    `L = ${LENGTH}`,
    `${founders.length} founders`,
    `${peers - founders.length} may join, once each`,
    `at most ${failures} fail, within what the rules assume`,
    ...(suspicions > 0 ? [`at most ${suspicions} taken for dead falsely`] : []),
  ]
  return { name: `${options.rules} rules: ${parts.join("; ")}`, options }
}

/** All mutants, each in a scope that shows it. */
export const mutants: ReadonlyArray<Mutant<RingOptions>> = ringMutants.map(
  ({ name, about, scope: some }) => ({
    name,
    about,
    options: scope({ peers: 4, founders: first(3), ...some, mutant: name }).options,
  }),
)

const begin = ({ peers, founders, successors, failures, suspicions }: RingOptions): Ring => {
  const members = ideal(founders, successors)
  return {
    peers: Array.from({ length: peers }, (_, id) => members[founders.indexOf(id)] ?? absent),
    failures,
    suspicions,
  }
}

/** What our rules keep: the invariant, and what follows from it. */
export const ringInvariants = ({
  successors,
}: Pick<RingOptions, "successors">): ReadonlyArray<readonly [string, FlightClaim]> => [
  ["OneLiveSuccessor", oneLiveSuccessor],
  ["SufficientPrincipals", sufficientPrincipals(successors)],
  ["OrderedSuccessorLists", orderedSuccessorLists],
  ["PrincipalsOnRing", principalsOnRing],
  ...neededClaims,
]

const judged = (claims: ReadonlyArray<readonly [string, FlightClaim]>): ReadonlyArray<Invariant<Ring>> => {
  const problems = byLists((ring) => {
    const [snapshot, flights] = [snapshotOf(ring), inFlight(ring)]
    return claims.map(([, claim]) => claim(snapshot, flights))
  })
  return claims.map(([name], i) => ({ name, broken: (ring) => problems(ring)[i] }))
}

const becomesIdeal = (rules: ReadonlyMap<string, RingRule>): Goal<Ring, RingAction> => ({
  name: "Ideal",
  reached: isIdeal,
  fair: ({ rule }) => rules.get(rule)?.by === "peers",
})

const show = (ring: Ring): ReadonlyArray<string> =>
  ring.peers.flatMap((peer, id) => {
    const { phase, successors, predecessor, operation, notifiers } = peer
    if (phase === "absent") return []
    if (phase === "dead") return [`${id} is dead`]
    const from = Array.from({ length: ring.peers.length }, (_, other) => other).filter(
      (other) => (notifiers & (1 << other)) !== 0,
    )
    const waits =
      operation === null
        ? ""
        : operation.answer === null
          ? `, asks ${named(operation.target)}`
          : `, to it from ${named(operation.target)}: list ${operation.answer.successors.map(named).join(" ")}, ` +
            `predecessor ${named(operation.answer.predecessor)}`
    const notified = from.length === 0 ? "" : `, notified by ${from.join(" ")}`
    return [
      phase === "joining"
        ? `${id} is joining${waits}`
        : `${id}: successors ${successors.map(named).join(" ")}, predecessor ${named(predecessor)}${waits}${notified}`,
    ]
  })

/** An id that stands for nobody is told by the one that it follows. */
const named = (id: number | null): string =>
  id === null ? "none" : Number.isInteger(id) ? String(id) : `${Math.floor(id)}+`
