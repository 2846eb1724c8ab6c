/** What happens when in virtual time: a binary heap, first in first out among events of the same moment. */
export interface EventQueue<A> {
  readonly push: (at: number, what: A) => void
  /** The earliest event not later than `until`, taken out; undefined when there is none. */
  readonly popUntil: (until: number) => { readonly at: number; readonly what: A } | undefined
  readonly size: () => number
}

interface Entry<A> {
  readonly at: number
  readonly order: number
  readonly what: A
}

export const eventQueue = <A>(): EventQueue<A> => {
  const heap: Array<Entry<A>> = []
  let order = 0
  const isBefore = (a: Entry<A>, b: Entry<A>): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
  const get = (i: number): Entry<A> => {
    const entry = heap[i]
    if (entry === undefined) throw new RangeError(`no entry ${i} among ${heap.length}`)
    return entry
  }
  const push = (at: number, what: A): void => {
    const entry = { at, order: order++, what }
    let i = heap.length
    heap.push(entry)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(entry, get(parent))) break
      heap[i] = get(parent)
      i = parent
    }
    heap[i] = entry
  }
  const popUntil = (until: number): Entry<A> | undefined => {
    const top = heap[0]
    if (top === undefined || top.at > until) return undefined
    const entry = heap.pop()
    if (entry === undefined || heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(get(child + 1), get(child))) child++
      if (!isBefore(get(child), entry)) break
      heap[i] = get(child)
      i = child
    }
    heap[i] = entry
    return top
  }
  return { push, popUntil, size: () => heap.length }
}
