/** Where the middle of some measured values lies, and how far they scatter: quartiles do not mind a few outliers. */
export interface Spread {
  readonly q1: number
  readonly median: number
  readonly q3: number
  /** The largest value. */
  readonly worst: number
}

/** @throws RangeError when there is no value. */
export const spreadOf = (values: ReadonlyArray<number>): Spread => {
  if (values.length === 0) throw new RangeError("no samples; every candidate needs at least one")
  const sorted = values.toSorted((a, b) => a - b)
  return {
    q1: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    q3: quantile(sorted, 0.75),
    worst: quantile(sorted, 1),
  }
}

/**
 * How many times `reference` each of `values` is, round by round where both were measured in the same rounds: what
 * disturbs the machine for a while then disturbs both alike. With different numbers of samples, each value is
 * compared with the median of the reference.
 */
export const ratiosOf = (
  values: ReadonlyArray<number>,
  reference: ReadonlyArray<number>,
): ReadonlyArray<number> => {
  if (values.length === reference.length) return values.map((value, round) => value / (reference[round] ?? 1))
  const { median } = spreadOf(reference)
  return values.map((value) => value / median)
}

/** By linear interpolation between the two nearest values. */
const quantile = (sorted: ReadonlyArray<number>, share: number): number => {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}
