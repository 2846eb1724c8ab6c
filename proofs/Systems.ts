import { arcObligations, idObligations } from "./arithmetic/Arcs.ts"
import { hopObligations } from "./arithmetic/Hops.ts"
import { chainObligations } from "./journal/Chain.ts"
import { epochProtocol, epochTheorems } from "./journal/EpochProtocol.ts"
import { journalMutants } from "./journal/JournalMutants.ts"
import { ringMutants } from "./ring/RingMutants.ts"
import { ringProtocol } from "./ring/RingProtocol.ts"
import { listTheorems, shapeTheorems } from "./ring/RingTheorems.ts"
import { sessionProtocol, sessionTheorems } from "./session/Session.ts"
import { sessionMutants } from "./session/SessionMutants.ts"
import type { Mutant, Obligation } from "./smt/Obligation.ts"
import { inductionOf } from "./smt/TransitionSystem.ts"

const ring = (length: number): ReadonlyArray<Obligation> => [
  ...inductionOf(ringProtocol(length)),
  ...listTheorems(length),
]

/** The lengths of successor lists for which the ring is proved. */
export const LENGTHS = [2, 3, 4] as const

/** Every obligation there is, in the order of the ledger. */
export const obligations: ReadonlyArray<Obligation> = [
  ...LENGTHS.flatMap(ring),
  ...shapeTheorems,
  ...inductionOf(epochProtocol),
  ...epochTheorems,
  ...chainObligations,
  ...inductionOf(sessionProtocol),
  ...sessionTheorems,
  ...arcObligations,
  ...hopObligations,
  ...idObligations,
]

export const mutants: ReadonlyArray<Mutant> = [...ringMutants, ...journalMutants, ...sessionMutants]

/** What `--quick` leaves out: the longer lists, which are proved by the same text, and the 160-bit vectors. */
export const isQuick = ({ name }: Pick<Obligation, "name">): boolean =>
  !/^(ring\/L[34]|arithmetic\/ids)\//.test(name)
