import type { Readable } from "node:stream"
import { setTimeout as sleep } from "node:timers/promises"
import type { ProcessEvent } from "../log/ProcessEvent.ts"
import { oneLine } from "../log/OneLine.ts"
import { LineSplitter } from "./LineSplitter.ts"
import type { ServiceLog } from "./ServiceLog.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** Longest line shown or kept in one piece, in bytes. */
export const LINE_BYTES = 8192

/** How many lines may be shown at once, and how many a second for long. The log has all. */
const SHOWN_AT_ONCE = 500
const SHOWN_PER_SECOND = 200

/**
 * How many bytes may be read at once, and how many a second for long: far beyond what a sound service writes, and
 * less than a tenth of the peer's time for one that writes without end.
 */
const READ_AT_ONCE = 4 * 1024 * 1024
const READ_PER_SECOND = 4 * 1024 * 1024

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
 * Keeps what the service writes in `log` and shows it line by line. Each stream is read on only when what was read is
 * in the log, and no faster than the peer can spare: a service that floods is slowed down by its own pipe. Of a flood
 * only some lines are shown, and how many were not.
 */
export const followOutput = (
  streams: { readonly stdout: Readable; readonly stderr: Readable },
  log: ServiceLog,
  emit: (event: ProcessEvent) => void,
): ServiceOutput => {
  const now = performance.now()
  const shown = new TokenBucket(SHOWN_AT_ONCE, SHOWN_PER_SECOND, now)
  const read = new TokenBucket(READ_AT_ONCE, READ_PER_SECOND, now)
  const lastErrors: Array<string> = []
  let withheld = 0

  const tellWithheld = (): void => {
    if (withheld === 0) return
    emit({ type: "warning", reason: `${withheld} lines of the service not shown; they are in ${log.file}` })
    withheld = 0
  }
  /** Once lines are withheld they are for a second, so that a flood is told of once a second and not at each gap. */
  const mayShow = (): boolean => shown.left(performance.now()) >= (withheld === 0 ? 1 : SHOWN_PER_SECOND)
  const show = (stream: "out" | "err", lines: ReadonlyArray<string>): void => {
    for (const line of lines) {
      if (mayShow()) {
        tellWithheld()
        shown.take(1)
        emit({ type: "service", stream, line })
      } else withheld++
    }
    if (stream === "err") {
      lastErrors.push(...lines.slice(-TELLING_LINES).filter((line) => line.trim() !== ""))
      lastErrors.splice(0, Math.max(0, lastErrors.length - TELLING_LINES))
    }
  }
  const follow = async (stream: "out" | "err", from: Readable): Promise<void> => {
    const splitter = new LineSplitter(LINE_BYTES)
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const lines = splitter.push(chunk)
        show(stream, lines)
        await log.append(lines)
        read.take(chunk.length)
        const pause = read.until(0, performance.now())
        if (pause > 0) await sleep(pause)
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
