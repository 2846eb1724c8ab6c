import { Growing } from "./Growing.ts"

/** How each state of a search was first reached: from which other, by which of its actions. */
export class Ways {
  readonly #parents = new Growing((n) => new Uint32Array(n))
  readonly #choices = new Growing((n) => new Uint16Array(n))

  /** States so far; the next one's number. */
  get size(): number {
    return this.#parents.length
  }

  /** The next state is what follows `parent` when the action at index `choice` of its actions happens. */
  add(parent: number, choice: number): void {
    this.#parents.push(parent)
    this.#choices.push(choice)
  }

  /**
   * The index of an initial state, then that of the action chosen in each state on the way to state `index`. No way is
   * shorter.
   *
   * @param initials how many of the first numbers are initial states.
   */
  to(index: number, initials: number): ReadonlyArray<number> {
    const choices: Array<number> = []
    let at = index
    for (; at >= initials; at = this.#parents.at(at)) choices.push(this.#choices.at(at))
    return [this.#choices.at(at), ...choices.toReversed()]
  }
}
