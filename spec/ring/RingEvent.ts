/**
 * One event of the known defects, in the letters of ring.md: J join, S stabilize and notify, R reconcile, F fail,
 * U update (learn that the first successor is dead), FL flush (learn that the predecessor is dead).
 */
export interface RingEvent {
  readonly kind: "J" | "S" | "R" | "F" | "U" | "FL"
  readonly at: number
}

const pattern = /^(J|S|R|FL|F|U)([0-9]+)$/

const verbs = { join: "J", stabilize: "S", reconcile: "R", fail: "F", update: "U", flush: "FL" } as const

/** The event as a line of a scenario: `stabilize 0`. */
export const eventLine = ({ kind, at }: RingEvent): string =>
  `${Object.entries(verbs).find(([, letter]) => letter === kind)?.[0]} ${at}`

/** Every event that there is for ids below `size`. */
export const allEvents = (size: number): ReadonlyArray<RingEvent> =>
  Array.from({ length: size }, (_, at) => Object.values(verbs).map((kind) => ({ kind, at }))).flat()

/** Reads `J3 S3 S0`. @throws RangeError at the first word that is no event. */
export const parseEvents = (text: string): ReadonlyArray<RingEvent> =>
  text.split(" ").map((word) => {
    const [, kind, at] = pattern.exec(word) ?? []
    if (kind === undefined)
      throw new RangeError(`not an event: "${word}"; expected a letter and an id, like S0`)
    return { kind: kind as RingEvent["kind"], at: Number(at) }
  })
