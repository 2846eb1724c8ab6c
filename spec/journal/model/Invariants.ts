import { acceptedIsHeld } from "./invariants/AcceptedIsHeld.ts"
import { basesHoldCommitted } from "./invariants/BasesHoldCommitted.ts"
import type { CellInvariant } from "./invariants/CellInvariant.ts"
import { chainOfViews } from "./invariants/ChainOfViews.ts"
import { chainVerifies } from "./invariants/ChainVerifies.ts"
import { committedStays } from "./invariants/CommittedStays.ts"
import { effectsOnce } from "./invariants/EffectsOnce.ts"
import { logsOfOneEpoch } from "./invariants/LogsOfOneEpoch.ts"
import { majorityCommits } from "./invariants/MajorityCommits.ts"
import { oneViewPerEpoch } from "./invariants/OneViewPerEpoch.ts"
import { readsSeeCommitted } from "./invariants/ReadsSeeCommitted.ts"
import { responsesAreCommitted } from "./invariants/ResponsesAreCommitted.ts"
import { sealedStandsStill } from "./invariants/SealedStandsStill.ts"

/** I1 to I10 of journal.md in their order, and two more. */
export const invariants: ReadonlyArray<CellInvariant> = [
  logsOfOneEpoch,
  oneViewPerEpoch,
  basesHoldCommitted,
  committedStays,
  majorityCommits,
  sealedStandsStill,
  readsSeeCommitted,
  chainVerifies,
  chainOfViews,
  responsesAreCommitted,
  acceptedIsHeld,
  effectsOnce,
]
