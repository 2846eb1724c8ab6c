/** Of three actions that chance draws, the one whose rule was followed least; what is seldom possible is then taken. */
export const drawn = <A extends { readonly rule: string }>(
  actions: ReadonlyArray<A>,
  pick: (below: number) => number,
  followed: ReadonlyMap<string, number>,
): A | undefined =>
  [0, 1, 2]
    .flatMap(() => actions[pick(Math.max(1, actions.length))] ?? [])
    .toSorted((a, b) => (followed.get(a.rule) ?? 0) - (followed.get(b.rule) ?? 0))[0]
