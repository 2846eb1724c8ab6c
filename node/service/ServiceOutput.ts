import type { Readable } from "node:stream"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { oneLine } from "../log/OneLine.ts"
import { LineSplitter } from "./LineSplitter.ts"
import type { ServiceLog } from "./ServiceLog.ts"

/** Longest line shown or kept in one piece, in bytes. */
export const LINE_BYTES = 8192

/** How many lines may be shown at once, and how many a second for long; all of them are in the log. */
const SHOWN_AT_ONCE = 500
const SHOWN_PER_SECOND = 200

/** How many of the last lines of standard error are searched for the one that tells why. */
const TELLING_LINES = 40

/** Follows both output streams of one service process to their end. */
export interface ServiceOutput {
  /** Resolves when both streams have ended and all of it is in the log; never rejects. */
  readonly ended: Promise<void>
  /** The line on standard error that most likely says why the service failed; "" if there was none. */
  readonly telling: () => string
}

/**
 * Keeps what the service writes in `log` and shows it line by line. Each stream is read on only when what was read
 * is in the log, so a service that floods is slowed down by its pipe and costs the peer no memory; of a flood only
 * some lines are shown, and how many were not.
 */
export const followOutput = (
  streams: { readonly stdout: Readable; readonly stderr: Readable },
  log: ServiceLog,
  emit: (event: ProcessEvent) => void,
): ServiceOutput => {
  const budget = new ShowBudget(SHOWN_AT_ONCE, SHOWN_PER_SECOND)
  const lastErrors: Array<string> = []

  const tellWithheld = (): void => {
    const withheld = budget.takeWithheld()
    if (withheld > 0) {
      emit({ type: "warning", reason: `${withheld} lines of the service not shown; they are in ${log.file}` })
    }
  }
  const show = (stream: "out" | "err", lines: ReadonlyArray<string>): void => {
    for (const line of lines) {
      if (stream === "err" && line.trim() !== "") lastErrors.push(line)
      if (!budget.spend(performance.now())) continue
      tellWithheld()
      emit({ type: "service", stream, line })
    }
    lastErrors.splice(0, Math.max(0, lastErrors.length - TELLING_LINES))
  }
  const follow = async (stream: "out" | "err", from: Readable): Promise<void> => {
    const splitter = new LineSplitter(LINE_BYTES)
    try {
      for await (const chunk of from) {
        const lines = splitter.push(chunk as Buffer)
        show(stream, lines)
        await log.append(lines)
      }
    } catch {
      // Destroyed at the end of the service, or reset by it: either way there is no more to come.
    }
    const rest = splitter.end()
    show(stream, rest)
    await log.append(rest)
  }

  return {
    ended: Promise.all([follow("out", streams.stdout), follow("err", streams.stderr)]).then(tellWithheld),
    telling: () => tellingLine(lastErrors),
  }
}

/**
 * Of the last lines of standard error, the one to quote: the last that names an error and is no frame of a stack,
 * else the last. (Node ends its report of an uncaught error with its own version.)
 */
export const tellingLine = (lines: ReadonlyArray<string>): string => {
  const line = lines.findLast((each) => namesError.test(each) && !/^\s+at /.test(each)) ?? lines.at(-1) ?? ""
  return oneLine(line)
}

const namesError = /\b(\w*error|exception|fatal|panic|not found|cannot|can't|denied|failed|refused)\b/i

/** A token bucket: `atOnce` lines, refilled at `perSecond`. */
class ShowBudget {
  readonly #atOnce: number
  readonly #perSecond: number
  #left: number
  #filledAt = 0
  #withheld = 0

  constructor(atOnce: number, perSecond: number) {
    this.#atOnce = atOnce
    this.#perSecond = perSecond
    this.#left = atOnce
  }

  /** Whether one more line may be shown at `now` (ms); if not it counts as withheld. */
  spend(now: number): boolean {
    this.#left = Math.min(this.#atOnce, this.#left + ((now - this.#filledAt) * this.#perSecond) / 1000)
    this.#filledAt = now
    if (this.#left < 1) {
      this.#withheld++
      return false
    }
    this.#left--
    return true
  }

  /** How many lines were withheld since it was asked last. */
  takeWithheld(): number {
    const withheld = this.#withheld
    this.#withheld = 0
    return withheld
  }
}
