import type { Link } from "./Plan.ts"

/** Both directions between each of one side and each of the other. */
export const between = (side: ReadonlyArray<string>, other: ReadonlyArray<string>): ReadonlyArray<Link> =>
  side.flatMap((a) =>
    other.flatMap((b): ReadonlyArray<Link> => [
      [a, b],
      [b, a],
    ]),
  )

/** One direction only: nothing gets from `side` to `other`. */
export const oneWay = (side: ReadonlyArray<string>, other: ReadonlyArray<string>): ReadonlyArray<Link> =>
  side.flatMap((a) => other.map((b): Link => [a, b]))

/** One of them sees both sides, which do not see each other. `names` has three at least. */
export const bridge = (names: ReadonlyArray<string>): ReadonlyArray<Link> => {
  const half = Math.floor((names.length - 1) / 2)
  return between(names.slice(1, 1 + half), names.slice(1 + half))
}

/** Each sees a majority, itself included, and no two the same one: those who stand next to it in a circle. */
export const majoritiesRing = (names: ReadonlyArray<string>): ReadonlyArray<Link> => {
  const count = names.length
  const reach = Math.ceil(Math.floor(count / 2) / 2)
  const apart = (a: number, b: number): number => Math.min((a - b + count) % count, (b - a + count) % count)
  return names.flatMap((from, a) =>
    names.flatMap((to, b): ReadonlyArray<Link> => (apart(a, b) > reach ? [[from, to]] : [])),
  )
}
