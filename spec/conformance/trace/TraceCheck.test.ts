import { hash } from "node:crypto"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { TraceLine } from "../../../core/peer/TraceLine.ts"
import type { Hash } from "../../../core/replication/Durable.ts"
import { eachSeed } from "../EachSeed.ts"
import { walk } from "../JournalWalk.ts"
import type { TraceText } from "./ReadTraces.ts"
import { checkTraces } from "./TraceCheck.ts"

type Line = TraceLine & Record<string, unknown>

/** What the peers of a walk write, in the order of time. */
const linesOf = (seed: number): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  walk(seed, {
    sha256: (bytes) => hash("sha256", bytes) as Hash,
    onLines: (more) => lines.push(...(more as ReadonlyArray<Line>)),
  })
  return lines
}

/** A file for each peer, as processes write them. */
const filesOf = (lines: ReadonlyArray<Line>): ReadonlyArray<TraceText> => {
  const texts = new Map<string, string>()
  for (const line of lines) texts.set(line.peer, `${texts.get(line.peer) ?? ""}${JSON.stringify(line)}\n`)
  return [...texts].map(([peer, text]) => ({ file: `${peer}.jsonl`, text }))
}

/** The same, with lines of each boot numbered anew: what was left out or put in is not seen by that. */
const numbered = (lines: ReadonlyArray<Line>): ReadonlyArray<Line> => {
  const next = new Map<string, number>()
  return lines.map((line) => {
    const key = `${line.peer} ${line.incarnation} ${line.boot}`
    const seq = next.get(key) ?? 0
    next.set(key, seq + 1)
    return { ...line, seq }
  })
}

const claimsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  checkTraces(filesOf(lines)).problems.map(({ claim }) => claim)

/** Three peers of one cell, three clients; many changes of view, crashes, a lost disk. */
const long = linesOf(1)

const whereLast = (lines: ReadonlyArray<Line>, is: (line: Line) => boolean): number => {
  const index = lines.findLastIndex(is)
  if (index < 0) throw new Error("no such line in the trace")
  return index
}

/** The last such line changed. */
const changed = (
  is: (line: Line) => boolean,
  change: (line: Line) => Record<string, unknown>,
): ReadonlyArray<Line> => {
  const index = whereLast(long, is)
  return long.map((line, i) => (i === index ? { ...line, ...change(line) } : line))
}

/** Another line right behind the last such one. */
const added = (
  is: (line: Line) => boolean,
  more: (line: Line) => Record<string, unknown>,
): ReadonlyArray<Line> => {
  const index = whereLast(long, is)
  const line = long[index] as Line
  // Other lines of the same moment are of the same step.
  const after = {
    t: line.t + 1,
    peer: line.peer,
    incarnation: line.incarnation,
    boot: line.boot,
    ...more(line),
  }
  return numbered([...long, after as unknown as Line].toSorted((a, b) => a.t - b.t))
}

const without = (is: (line: Line) => boolean): ReadonlyArray<Line> =>
  numbered(long.filter((line) => !is(line)))

const type =
  (name: Line["type"], also: (line: Line) => boolean = () => true) =>
  (line: Line): boolean =>
    line.type === name && also(line)

test("what virtual peers do is a behaviour", () => {
  eachSeed(6, (seed) => {
    const verdict = checkTraces(filesOf(linesOf(seed)))
    expect(verdict.problems).toEqual([])
    expect(verdict.released).toBeGreaterThan(0)
    expect(verdict.untraced).toEqual([])
  })
})

test("traces end wherever their processes are killed, in the middle of a line too", () => {
  fc.assert(
    fc.property(fc.nat(long.length - 1), fc.nat(60), (count, cut) => {
      const files = filesOf(long.slice(0, count + 1)).map(({ file, text }) => ({
        file,
        text: `${text}${JSON.stringify(long[count]).slice(0, cut)}`,
      }))
      expect(checkTraces(files).problems).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test.each<readonly [string, string, ReadonlyArray<Line>]>([
  ["a line is missing", "no line is missing", long.filter((_, i) => i !== 100)],
  [
    "an acknowledgement after a promise",
    "the sealed stand still",
    added(type("promised"), ({ cell, epoch }) => ({
      type: "acked",
      cell,
      epoch,
      length: 0,
      round: 9,
      to: "p0#1",
    })),
  ],
  [
    "an append after a promise",
    "the sealed stand still",
    added(type("promised"), ({ cell, epoch, length }) => ({
      type: "stored",
      cell,
      epoch,
      length: Number(length) + 1,
      head: "f".repeat(64),
      entries: [null],
    })),
  ],
  [
    "a ballot promised again",
    "ballots only grow",
    added(type("promised"), (line) => ({ ...line, t: line.t + 1 })),
  ],
  [
    "a view taken on twice",
    "epochs only grow",
    added(type("installed"), (line) => ({ ...line, t: line.t + 1 })),
  ],
  ["views that nobody accepted", "what is installed was decided", without(type("accepted"))],
  [
    "another view than was decided",
    "one view per epoch",
    changed(type("installed"), ({ members }) => ({
      members: [...(members as ReadonlyArray<string>), "p9#1"],
    })),
  ],
  [
    "another entry",
    "logs of one epoch agree",
    changed(
      type("stored", ({ cell, epoch, length, peer }) =>
        long.some(
          (two) =>
            two.type === "stored" &&
            two.peer !== peer &&
            two.cell === cell &&
            two.epoch === epoch &&
            two.length === length,
        ),
      ),
      () => ({ head: "f".repeat(64) }),
    ),
  ],
  [
    "more committed than was stored",
    "what is committed is stored by a majority",
    changed(type("committed"), ({ length }) => ({ length: Number(length) + 1 })),
  ],
  ["nothing was flushed", "what is committed is stored by a majority", without(type("durable"))],
  [
    "an answer before its entry is committed",
    "what is released is committed",
    changed(
      type("released", ({ entry }) => entry !== null),
      ({ entry }) => ({ entry: Number(entry) + 500 }),
    ),
  ],
  [
    "another's answer",
    "what is released is committed",
    changed(
      type("released", ({ entry }) => entry !== null),
      () => ({ id: "another" }),
    ),
  ],
  [
    "two who answer in one epoch",
    "one leader per epoch",
    added(type("acked"), ({ cell, epoch }) => ({
      type: "released",
      cell,
      epoch,
      entry: null,
      client: "c",
      id: "i",
    })),
  ],
  [
    "a log that is shorter after a restart",
    "what was durable is there after a restart",
    changed(
      type("held", ({ length }) => Number(length) > 0),
      () => ({ length: 0, head: "0".repeat(64) }),
    ),
  ],
  ["a log that is gone after a restart", "what was durable is there after a restart", without(type("held"))],
  [
    "one request committed twice",
    "no request twice",
    long.map((line) =>
      line.type === "stored"
        ? { ...line, entries: line.entries.map((entry) => entry && { client: "c", id: "same" }) }
        : line,
    ),
  ],
  [
    "a leader who is not the first",
    "a view's first member leads it",
    changed(type("installed"), ({ leads }) => ({ leads: leads !== true })),
  ],
  [
    "a corrupt cell",
    "nothing is corrupt",
    added(type("acked"), () => ({ type: "corrupt", cell: 0, reason: "?" })),
  ],
  [
    "a lookup that went round and round",
    "lookups end",
    added(type("acked"), () => ({ type: "lookup", key: "0", hops: 99, budget: 4, found: "p0" })),
  ],
])("%s is no behaviour: %s", (_, claim, lines) => {
  const claims = claimsOf(lines)
  expect(claims).toContain(claim)
})

test("a problem is told where it is", () => {
  const index = long.findIndex(type("committed"))
  const lines = long.map((line, i) => (i === index ? { ...line, length: 999 } : line))
  const files = filesOf(lines)
  const [first] = checkTraces(files).problems
  const text = files.find(({ file }) => file === first?.file)?.text.split("\n")[(first?.line ?? 0) - 1]
  expect(JSON.parse(text ?? "")).toEqual(lines[index])
})

test("nothing is held against who has not shown its trace, and it is said so", () => {
  const [first, ...rest] = filesOf(long)
  const verdict = checkTraces(rest)
  expect(verdict.problems).toEqual([])
  expect(verdict.untraced.some((member) => first?.file.startsWith(member.split("#")[0] ?? "?"))).toBe(true)
})
