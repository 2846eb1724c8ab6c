import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"

/** First in, first out, as a value: whoever holds an older version keeps it. */
export interface Fifo<A> {
  readonly items: HashMap.HashMap<number, A>
  /** Keys of the first item, and of the one to come. */
  readonly head: number
  readonly tail: number
}

export const emptyFifo = <A>(): Fifo<A> => ({ items: HashMap.empty(), head: 0, tail: 0 })

export const lengthOf = <A>({ head, tail }: Fifo<A>): number => tail - head

export const push = <A>({ items, head, tail }: Fifo<A>, item: A): Fifo<A> => ({
  items: HashMap.set(items, tail, item),
  head,
  tail: tail + 1,
})

/** The first item and the rest, or undefined of an empty one. */
export const shift = <A>({ items, head, tail }: Fifo<A>): readonly [A, Fifo<A>] | undefined => {
  const first = HashMap.get(items, head)
  if (Option.isNone(first)) return undefined
  return [first.value, { items: HashMap.remove(items, head), head: head + 1, tail }]
}
