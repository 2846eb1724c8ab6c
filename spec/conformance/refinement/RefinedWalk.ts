import type { CoreAction, CoreState } from "../explored/CoreState.ts"
import { MOST_EPOCH } from "../../journal/model/Words.ts"
import { seeded } from "../Seeded.ts"
import { system } from "./RefinedCore.ts"

const core = system({ requests: 3, crashes: 4, restarts: 4, mistakes: 4, waits: 12 })

/** What peers, disks, network and client do by themselves; of the rest there is little, or nothing would come about. */
const OWN: ReadonlySet<CoreAction["type"]> = new Set<CoreAction["type"]>(["deliver", "flush", "serve", "ask"])
const OWN_SHARE = 0.85

const STEPS = 150

/**
 * A walk through core, drawn from the seed, each step of which is held against the journal's model.
 *
 * @returns how many steps it had, and how it ended
 * @throws Error at the first step that breaks a promise or is none of the model's, with all that led there
 */
export const refinedWalk = (seed: number): { readonly steps: number; readonly end: CoreState } => {
  const random = seeded(seed)
  const way: Array<string> = []
  let state = core.initial[0] as CoreState
  // The model has no words for entries of later epochs.
  while (way.length < STEPS && state.past.views.length - 1 <= MOST_EPOCH) {
    const own: Array<CoreAction> = []
    const others: Array<CoreAction> = []
    for (const action of core.actions(state)) (OWN.has(action.type) ? own : others).push(action)
    const some = own.length > 0 && (others.length === 0 || random.next() < OWN_SHARE) ? own : others
    const action = some[random.below(some.length)]
    if (action === undefined) break
    const next = core.apply(state, action)
    way.push(core.describe(action))
    for (const { broken, name } of core.invariants) {
      const problem = broken(next)
      if (problem !== undefined)
        throw new Error(
          [...way, `${name}: ${problem}`, "before:", ...core.show(state), "after:", ...core.show(next)].join(
            "\n",
          ),
        )
    }
    state = next
  }
  return { steps: way.length, end: state }
}
