import { type Sha256, digestOf, headAfter } from "../../core/replication/Chain.ts"
import type { Hash } from "../../core/replication/Durable.ts"
import type { Happening } from "../journal/Happening.ts"
import { History } from "../journal/History.ts"
import { acceptedIsHeld } from "../journal/invariants/AcceptedIsHeld.ts"
import { basesHoldCommitted } from "../journal/invariants/BasesHoldCommitted.ts"
import { chainOfViews } from "../journal/invariants/ChainOfViews.ts"
import { chainVerifies } from "../journal/invariants/ChainVerifies.ts"
import type { Claim } from "../journal/invariants/Claim.ts"
import { committedStays } from "../journal/invariants/CommittedStays.ts"
import { effectsOnce } from "../journal/invariants/EffectsOnce.ts"
import { inClientsOrder } from "../journal/invariants/InClientsOrder.ts"
import { logsOfOneEpoch } from "../journal/invariants/LogsOfOneEpoch.ts"
import { majorityCommits } from "../journal/invariants/MajorityCommits.ts"
import { oneViewPerEpoch } from "../journal/invariants/OneViewPerEpoch.ts"
import { readsSeeCommitted } from "../journal/invariants/ReadsSeeCommitted.ts"
import { responsesAreCommitted } from "../journal/invariants/ResponsesAreCommitted.ts"
import { sealedStandsStill } from "../journal/invariants/SealedStandsStill.ts"
import type { Proposal } from "../journal/Replica.ts"
import { entryFact } from "./JournalFacts.ts"

/** A promise of the journal was broken; `claim` is its name. */
export class JournalViolation extends Error {
  readonly claim: string
  constructor(claim: string, problem: string) {
    super(`${claim}: ${problem}`)
    this.claim = claim
  }
}

/** All that is promised of one cell, held against everything that happens in it. */
export class JournalWatch {
  readonly history: History
  readonly #claims: ReadonlyArray<readonly [string, Claim]>

  constructor(genesis: Proposal, sha256: Sha256) {
    this.history = new History(genesis, entryFact)
    const hashes = {
      digest: (bytes: Uint8Array) => digestOf(bytes, sha256),
      head: (before: string, digest: string) => headAfter(before as Hash, digest as Hash, sha256),
    }
    this.#claims = [
      ["I1 logs of one epoch", logsOfOneEpoch()],
      ["I2 one view per epoch", oneViewPerEpoch()],
      ["I3 bases hold what is committed", basesHoldCommitted()],
      ["I4 the committed stays", committedStays()],
      ["I5 majority commits", majorityCommits()],
      ["I6 the sealed stand still", sealedStandsStill()],
      ["I7 reads see what is committed", readsSeeCommitted()],
      ["I8 the chain verifies", chainVerifies(hashes)],
      ["I9 chain of views", chainOfViews()],
      ["I10 responses are committed", responsesAreCommitted()],
      ["what is accepted is held", acceptedIsHeld()],
      ["every effect once", effectsOnce()],
      ["in the client's order", inClientsOrder()],
    ]
  }

  /** @throws JournalViolation at the first promise that is not kept */
  see(happening: Happening): void {
    this.history.record(happening)
    for (const [name, claim] of this.#claims) {
      const problem = claim(happening, this.history)
      if (problem !== undefined) throw new JournalViolation(name, problem)
    }
  }
}
