/**
 * How many characters two texts have in common at their beginnings, and at their ends behind those. Together never more
 * than the shorter one has.
 */
export const commonEnds = (one: string, other: string): { readonly head: number; readonly tail: number } => {
  const most = Math.min(one.length, other.length)
  const head = commonHead(one, other)
  let tail = 0
  while (tail < most - head && one.at(-1 - tail) === other.at(-1 - tail)) tail++
  return { head, tail }
}

/** How many characters two texts begin with in common. */
export const commonHead = (one: string, other: string): number => {
  const most = Math.min(one.length, other.length)
  let head = 0
  while (head < most && one[head] === other[head]) head++
  return head
}
