import type { TraceLine } from "../../../core/peer/TraceLine.ts"

/** A trace as it lies in a file. */
export interface TraceText {
  /** What the file is called where problems are told. */
  readonly file: string
  readonly text: string
}

/** A line, and where it stands; lines count from 1. */
export interface Placed {
  readonly file: string
  readonly line: number
  readonly said: TraceLine
}

/** Something that traces should not say, and the first line that says it. */
export interface TraceProblem {
  readonly file: string
  readonly line: number
  /** The claim that does not hold, by name. */
  readonly claim: string
  readonly problem: string
}

/**
 * The lines of all traces, in the order of time. A line that is cut off is left out if it is the last one of its process,
 * as a kill may leave it: the next one must begin a boot, or there must be none.
 */
export const readTraces = (
  traces: ReadonlyArray<TraceText>,
): { readonly lines: ReadonlyArray<Placed>; readonly problems: ReadonlyArray<TraceProblem> } => {
  const lines: Array<Placed> = []
  const problems: Array<TraceProblem> = []
  for (const { file, text } of traces) {
    let torn: number | undefined
    for (const [index, source] of text.split("\n").entries()) {
      if (source === "") continue
      const said = parse(source)
      if (torn !== undefined && (said === undefined || said.seq !== 0)) {
        problems.push({ file, line: torn, claim: "lines are whole", problem: "it is no line of a trace" })
      }
      torn = said === undefined ? index + 1 : undefined
      if (said !== undefined) lines.push({ file, line: index + 1, said })
    }
  }
  // Lines of one file stay in their order, also those of the same moment.
  return { lines: lines.toSorted((a, b) => a.said.t - b.said.t), problems }
}

const parse = (source: string): TraceLine | undefined => {
  try {
    const said = JSON.parse(source) as Partial<TraceLine> | null
    const { boot, incarnation, peer, seq, t, type } = said ?? {}
    const isLine =
      [boot, incarnation, seq, t].every((one) => typeof one === "number") &&
      [peer, type].every((one) => typeof one === "string")
    return isLine ? (said as TraceLine) : undefined
  } catch {
    return undefined
  }
}
