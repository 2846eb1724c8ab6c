import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { ExitCode } from "../ExitCode.ts"
import type { Refusal } from "../Refusal.ts"
import { flawsOf } from "./RingCheck.ts"
import { findRing, type RingChoice, type RingTarget } from "./RingFlags.ts"
import { survey } from "./Survey.ts"

/** What `check-ring` found. */
export interface RingCheck {
  readonly verdict: "ideal" | "not ideal" | "no ring"
  /** Names of the peers that answered, clockwise. */
  readonly peers: ReadonlyArray<string>
  readonly flaws: ReadonlyArray<string>
  /** Founders that do not answer: no flaw of the ring of the others. */
  readonly missing: ReadonlyArray<string>
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
  let check = yield* checkOnce(target)
  while (check.verdict !== "ideal" && (yield* Clock.currentTimeMillis) < end) {
    yield* Effect.sleep(PAUSE_MS)
    check = yield* checkOnce(target)
  }
  process.stdout.write(`${output === "json" ? JSON.stringify(check, null, 2) : writeCheck(check)}\n`)
  return { ideal: ExitCode.ok, "not ideal": ExitCode.degraded, "no ring": ExitCode.broken }[check.verdict]
})

const checkOnce = Effect.fnUntraced(function* (target: RingTarget): Effect.fn.Return<RingCheck> {
  const reports = (yield* survey(target)).flatMap(({ report }) => (report === null ? [] : [report]))
  const flaws = flawsOf(reports, target.genesis.successors)
  const heard = new Set(reports.map(({ self }) => self.id))
  return {
    verdict: !reports.some(({ member }) => member) ? "no ring" : flaws.length === 0 ? "ideal" : "not ideal",
    peers: reports.toSorted((a, b) => (a.self.id < b.self.id ? -1 : 1)).map(({ self }) => self.name),
    flaws,
    missing: target.genesis.founders.filter(({ id }) => !heard.has(id)).map(({ name }) => name),
  }
})

/** The result for people. */
export const writeCheck = ({ flaws, missing, peers, verdict }: RingCheck): string =>
  [
    verdict === "no ring"
      ? peers.length === 0
        ? "no ring: nobody answers; start one with 'ringstead up', or see 'ringstead status'"
        : `no ring: none of ${peers.join(" ")} is a member`
      : `${verdict}: ${peers.join(" ")}`,
    ...flaws.map((flaw) => `! ${flaw}`),
    ...missing.map((name) => `  ${name}, a founder, does not answer`),
  ].join("\n")
