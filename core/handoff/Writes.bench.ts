import { Writes } from "./Writes.samples.ts"

/** What a peer has to look things up in: a third of the cells is led by the peer that is asked. */
const LOAD = { cells: 128, sessions: 1000, entries: 200, bytes: 300 }

/** Writes of one sample: enough for a clock that ticks in milliseconds. */
const WRITES = 4_096

interface Context {
  readonly rounds: number
  readonly signal: AbortSignal
}

/** Nanoseconds of processor time that a write takes of the core of each peer. */
const measure =
  (inFlight: number) =>
  async ({ rounds, signal }: Context) => {
    const writes = new Writes(LOAD)
    writes.run(WRITES, inFlight)
    const values = new Map<string, Array<number>>()
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted()
      const sums = new Map<string, number>()
      for (const [what, us] of writes.run(WRITES, inFlight)) {
        const [role = ""] = what.split(":")
        sums.set(role, (sums.get(role) ?? 0) + (us * 1_000) / WRITES)
      }
      for (const [role, ns] of sums) values.set(role, [...(values.get(role) ?? []), ns])
      // Whoever watches may want to stop it.
      await new Promise(setImmediate)
    }
    return [...values].map(([candidate, of]) => ({ candidate, values: of }))
  }

/** Part of rows 7 and 9: what a write takes of the cores, from its request to its answer, without network, disk and service. */
export const rows = [64, 1].map((inFlight) => ({
  row: 9,
  title: `a write of ${LOAD.bytes} B through the core, ${LOAD.cells} cells, ${LOAD.sessions} sessions, ${inFlight} at a time`,
  unit: "ns",
  measure: measure(inFlight),
}))
