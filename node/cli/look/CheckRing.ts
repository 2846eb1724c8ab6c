import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { modeOf } from "../../../core/peer/Genesis.ts"
import type { PeerReport } from "../../peer/PeerReport.ts"
import { ExitCode } from "../ExitCode.ts"
import type { Refusal } from "../Refusal.ts"
import { hasLeft } from "./RingStatus.ts"
import { journalFlawsOf } from "./JournalCheck.ts"
import { flawsOf } from "./RingCheck.ts"
import { findRing, type RingChoice, type RingTarget } from "./RingFlags.ts"
import { survey } from "./Survey.ts"

/** What `check-ring` found. */
export interface RingCheck {
  readonly verdict: "ideal" | "not ideal" | "no ring"
  /** Names of the peers that answered, clockwise. */
  readonly peers: ReadonlyArray<string>
  /** Of the ring, and in the mode `replay` of the journals kept on it. */
  readonly flaws: ReadonlyArray<string>
  /** Founders that do not answer: no flaw of the ring of the others. */
  readonly missing: ReadonlyArray<string>
  /** Founders that went for good, and in order. */
  readonly left: ReadonlyArray<string>
}

const PAUSE_MS = 200

/** Checks the ring that `choice` means, again and again for at most `waitMs` until it is ideal, and prints the result. */
export const checkRing = Effect.fnUntraced(function* (
  choice: RingChoice,
  waitMs: number,
  output: "table" | "json",
): Effect.fn.Return<ExitCode, Refusal> {
  const target = yield* findRing(choice)
  const end = (yield* Clock.currentTimeMillis) + waitMs
  let before = yield* reportsOf(target)
  // A copy is behind only if it lacks what was committed a moment ago, so there must be a moment.
  if (modeOf(target.genesis) === "replay") yield* Effect.sleep(PAUSE_MS)
  let now = modeOf(target.genesis) === "replay" ? yield* reportsOf(target) : before
  let check = checkOf(target, now, before)
  while (check.verdict !== "ideal" && (yield* Clock.currentTimeMillis) < end) {
    yield* Effect.sleep(PAUSE_MS)
    before = now
    now = yield* reportsOf(target)
    check = checkOf(target, now, before)
  }
  process.stdout.write(`${output === "json" ? JSON.stringify(check, null, 2) : writeCheck(check)}\n`)
  return { ideal: ExitCode.ok, "not ideal": ExitCode.degraded, "no ring": ExitCode.broken }[check.verdict]
})

const reportsOf = (target: RingTarget): Effect.Effect<ReadonlyArray<PeerReport>> =>
  Effect.map(survey(target), (answers) => answers.flatMap(({ report }) => (report === null ? [] : [report])))

const checkOf = (
  target: RingTarget,
  reports: ReadonlyArray<PeerReport>,
  before: ReadonlyArray<PeerReport>,
): RingCheck => {
  const flaws = [
    ...flawsOf(reports, target.genesis.successors),
    ...journalFlawsOf(target.genesis, reports, before),
  ]
  const heard = new Set(reports.map(({ self }) => self.id))
  const absent = target.genesis.founders.filter(({ id }) => !heard.has(id))
  return {
    verdict: !reports.some(({ member }) => member) ? "no ring" : flaws.length === 0 ? "ideal" : "not ideal",
    peers: reports.toSorted((a, b) => (a.self.id < b.self.id ? -1 : 1)).map(({ self }) => self.name),
    flaws,
    missing: absent.filter((founder) => !hasLeft(founder, reports)).map(({ name }) => name),
    left: absent.filter((founder) => hasLeft(founder, reports)).map(({ name }) => name),
  }
}

/** Most flaws that people are shown. */
const SHOWN_FLAWS = 20

/** The result for people. */
export const writeCheck = ({ flaws, left, missing, peers, verdict }: RingCheck): string =>
  [
    verdict === "no ring"
      ? peers.length === 0
        ? "no ring: nobody answers; start one with 'ringstead up', or see 'ringstead status'"
        : `no ring: none of ${peers.join(" ")} is a member`
      : `${verdict}: ${peers.join(" ")}`,
    ...flaws.slice(0, SHOWN_FLAWS).map((flaw) => `! ${flaw}`),
    ...(flaws.length > SHOWN_FLAWS
      ? [`! and ${flaws.length - SHOWN_FLAWS} more; 'ringstead check-ring -o json' lists them all`]
      : []),
    ...missing.map((name) => `  ${name}, a founder, does not answer`),
    ...left.map((name) => `  ${name}, a founder, has left`),
  ].join("\n")
