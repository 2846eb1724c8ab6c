import type { Mutant, Scope, Sizes } from "../../explorer/Subject.ts"
import type { Invariant, System } from "../../explorer/System.ts"
import { system as journal } from "../../journal/model/JournalSystem.ts"
import { PEERS } from "../explored/CoreNode.ts"
import type { CoreAction, CoreOptions, CoreState } from "../explored/CoreState.ts"
import { system as explored } from "../explored/CoreSystem.ts"
import { cellOf } from "./JournalMap.ts"
import { messageOf } from "./MessageMap.ts"
import { told, type Where } from "./Refinement.ts"

/**
 * Core as it is explored, each step of which is held against the journal's model: it must be nothing there, or a few of
 * the model's actions that are enabled one after another and lead to what the map makes of the state after it.
 *
 * The map (JournalMap.ts, MessageMap.ts) takes from core: roles, epochs, views, logs, ballots, what was accepted, all of
 * that in memory, on the disk and on its way there, with the messages that wait for it; boot numbers, what is proposed and
 * fetched; of leaders commit and startLen; and all that was said, as far as it is on its way or somebody remembers it.
 *
 * It forgets: sessions, instances and clients, so a leader that appends again what it ran in the epoch before makes the
 * same request in the model; what a member was told of commit; rounds and reads; who asks whom for a log, and in which
 * parts it comes; NACK, SEALED, REFUSE, LEARN and questions for views, which save time and nothing else; time; in which
 * epoch an entry was made. Expiry, newcomers, lost disks and damage do not happen in what is explored.
 *
 * Where the two differ on purpose, and the step is a step all the same:
 * - A leader that has just been installed or started is active in the model once its log is stored by a majority, in core
 *   once it has heard so. `commit` begins with the view's base in core, which is decided and so held, and with nothing in
 *   the model; so the map leaves it at nothing until more is known to be committed, or the leader is active.
 * - A leader of the model takes for committed all that acknowledgements allow, one of core what it has heard of them.
 * - A proposer promises and accepts in the write in which it begins; the model sends it its own question. Its own promise
 *   and acceptance count once they are on the disk, in both.
 * - The counter of a ballot is one above all that the peer has heard of; the model's is one above what it tried or promised,
 *   so the map gives it what core has heard. REFUSE makes core's proposer give up; the model's never gets its majority.
 * - A question that comes again after its ballot was accepted is promised again by core, with what was accepted; nobody
 *   heeds that, and the map does not see it.
 * - Who fetches a log in order to install a view may be asked to accept it, and fetches it for that from then on.
 */
export const system = (options: CoreOptions): System<CoreState, CoreAction> => {
  // What the model has said by then depends on what is on its way: no state stands for another that has less.
  const { surplus: _, ...core } = explored(options)
  return {
    ...core,
    name: "core as the journal's model",
    fingerprint: (state) => core.fingerprint(state) + state.sent.map(({ code }) => code).join(""),
    apply: (state, action) => {
      const next = core.apply(state, action)
      if (next.problem !== null) return next
      const problem = misstep(state, action, next)
      return problem === undefined ? next : { ...next, problem: MISSTEP + problem }
    },
    invariants: [refines, ...core.invariants.map(exceptMissteps)],
    show: (state) => [...core.show(state), ...inTheModel(state)],
  }
}

const MISSTEP = "no step of the model: "

const refines: Invariant<CoreState> = {
  name: "RefinesTheJournal",
  broken: ({ problem }) => (problem?.startsWith(MISSTEP) ? problem : undefined),
}

const exceptMissteps = ({ broken, name }: Invariant<CoreState>): Invariant<CoreState> => ({
  name,
  broken: (state) => (state.problem?.startsWith(MISSTEP) ? undefined : broken(state)),
})

/** Why the step is none of the model's; undefined if it is one, or several, or none at all. */
export const misstep = (before: CoreState, action: CoreAction, after: CoreState): string | undefined => {
  try {
    const { actions, unexplained } = told(mapped(before), mapped(after), placeOf(before, action, after))
    return actions === null ? unexplained : undefined
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

const mapped = (state: CoreState) =>
  cellOf(
    state.nodes.map(({ value }) => value),
    state.sent.map(({ value }) => value),
  )

/** Whoever is not late any more to propose or to move a cell does so in any step in which it hears or waits. */
const IMPATIENT = new Set<CoreAction["type"]>(["wait", "suspect", "hear"])

const placeOf = (before: CoreState, action: CoreAction, after: CoreState): Where => {
  const requests = before.asked.length
  if (action.type === "deliver") {
    const { from, message, to } = action.message.value
    return { at: [to], acts: [], message: messageOf(from, message), requests }
  }
  const { at, type } = action
  // After the last crash all that is being written reaches the disks, everywhere.
  if (type === "crash" && after.left.crashes === 0)
    return { at: PEERS.map((_, place) => place), acts: [type], message: undefined, requests }
  const acts: Where["acts"] = IMPATIENT.has(type)
    ? ["suspect", "hand-over"]
    : type === "crash" || type === "restart"
      ? [type]
      : []
  return { at: [at], acts, message: undefined, requests }
}

const { show } = journal({ peers: 3, founders: 3, replicas: 3, requests: 0, budget: {} })

/** The state as the map sees it, for whoever reads a counterexample. */
const inTheModel = (state: CoreState): ReadonlyArray<string> => {
  try {
    return show(mapped(state)).map((line) => `model: ${line}`)
  } catch (error) {
    return [`model: ${String(error)}`]
  }
}

const none: CoreOptions = { requests: 1, crashes: 0, restarts: 0, mistakes: 0, waits: 0 }

/** @throws RangeError for any number of peers but three */
export const scopes = ({ peers = 3 }: Sizes): ReadonlyArray<Scope<CoreOptions>> => {
  if (peers !== 3) throw new RangeError("core is held against the model with three peers: expected --peers 3")
  return [
    { name: "3 peers, two requests", options: { ...none, requests: 2 } },
    { name: "3 peers, one request, one crash", options: { ...none, crashes: 1 } },
    { name: "3 peers, no request, one false suspicion", options: { ...none, requests: 0, mistakes: 1 } },
    {
      name: "3 peers, no request, one crash, one restart",
      options: { ...none, requests: 0, crashes: 1, restarts: 1 },
    },
    {
      name: "3 peers, no request, one false suspicion, one crash",
      options: { ...none, requests: 0, mistakes: 1, crashes: 1 },
    },
  ]
}

/** Takes too long for whoever asks in passing. */
export const larger: Scope<CoreOptions> = {
  name: "3 peers, one request, one false suspicion",
  options: { ...none, mistakes: 1 },
}

export const mutants: ReadonlyArray<Mutant<CoreOptions>> = []
