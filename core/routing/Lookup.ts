import * as Detector from "../membership/Detector.ts"
import type { Contact } from "../peer/Contact.ts"
import type { FindResult, LookupMessage } from "../peer/Message.ts"
import { LOOKUP_TRIES, type PeerState, type PendingLookup, RETRY_TICKS } from "../peer/PeerState.ts"
import { firstUsable, isSelf, isUsable, send, type Turn } from "../peer/Turn.ts"
import { between } from "../ring/Arc.ts"
import { distance, type RingId, SIZE } from "../ring/RingId.ts"
import { firstFrom, type Hop, nextHop } from "./NextHop.ts"

const NOT_FOUND: FindResult = { owner: null, hops: 0, path: [] }

/** Somebody attached to this peer wants the owner of `key`. Answered exactly once, whatever happens. */
export const find = (turn: Turn, client: number, key: RingId, trace: boolean): void => {
  if (turn.state.phase === "joining") {
    turn.commands.push({ type: "found", token: client, result: NOT_FOUND })
    return
  }
  launch(turn, { client, token: 0, key, trace, ticks: 0, tries: 0 })
}

/** A lookup passes by: answered here, or sent one hop further. */
export const onLookup = (turn: Turn, lookup: LookupMessage): void => {
  const { config, phase } = turn.state
  if (phase === "joining" || lookup.hops > config.founders.length + MAX_HOPS) return
  const hop = choose(turn.state, lookup)
  const path = lookup.trace ? [...lookup.path, config.self.name] : lookup.path
  if (hop.kind === "here") {
    const { token, asker, hops } = lookup
    if (isSelf(turn.state, asker)) onLookupReply(turn, token, { owner: config.self, hops, path })
    else send(turn, asker, { type: "LookupReply", token, owner: config.self, hops, path })
    return
  }
  pass(turn, hop, { ...lookup, path })
}

/** The owner answers a lookup of ours; a second answer, or one that comes too late, is ignored. */
export const onLookupReply = (turn: Turn, token: number, result: FindResult): void => {
  const pending = turn.state.lookups.find((one) => one.token === token)
  if (pending === undefined) return
  turn.state = { ...turn.state, lookups: turn.state.lookups.filter((one) => one !== pending) }
  turn.commands.push({ type: "found", token: pending.client, result })
}

/** One tick passes for every lookup under way: it is sent again now and then, and given up in the end. */
export const ageLookups = (turn: Turn): void => {
  const due = turn.state.lookups.filter((one) => one.ticks + 1 >= RETRY_TICKS)
  turn.state = {
    ...turn.state,
    lookups: turn.state.lookups
      .filter((one) => one.ticks + 1 < RETRY_TICKS)
      .map((one) => ({ ...one, ticks: one.ticks + 1 })),
  }
  for (const one of due) {
    if (one.tries < LOOKUP_TRIES) launch(turn, one)
    else turn.commands.push({ type: "found", token: one.client, result: NOT_FOUND })
  }
}

/**
 * Finger hops that a lookup from this peer may take: 2 * ceil(log2 N) + L (routing.md, Hops).
 *
 * N is what the density of the successor list suggests, or what the finger table does, whichever is more.
 */
export const hopBudget = (state: PeerState): number => {
  const { config, fingers, successors } = state
  const last = successors.at(-1) ?? successors[0]
  const span = distance(config.self.id, last.id)
  const density = span === 0n ? 1n : (SIZE * BigInt(config.successors)) / span
  const bits = density.toString(2).length
  return 2 * Math.max(fingers.length, Math.min(bits, 2 + 2 * fingers.length), 1) + config.successors
}

/** Beyond this a lookup has lost its way for good; walking every peer of a large ring stays below it. */
const MAX_HOPS = 4096

const launch = (turn: Turn, lookup: PendingLookup): void => {
  const token = turn.state.nextToken
  turn.state = {
    ...turn.state,
    nextToken: token + 1,
    lookups: [...turn.state.lookups, { ...lookup, token, ticks: 0, tries: lookup.tries + 1 }],
  }
  const { key, trace } = lookup
  const budget = hopBudget(turn.state)
  const asker = turn.state.config.self
  onLookup(turn, { type: "Lookup", token, asker, key, hops: 0, budget, final: false, path: [], trace })
}

const choose = (state: PeerState, lookup: LookupMessage): Hop => {
  const { config, predecessor, successors, fingers, phase } = state
  const usable = (peer: Contact): boolean => isUsable(state, peer)
  // Out of budget, fingers are not to be trusted; successors alone lead there too, only slower.
  const hop = nextHop(
    config.self,
    predecessor,
    successors,
    lookup.budget > 0 ? fingers : [],
    lookup.key,
    usable,
  )
  if (phase === "leaving") {
    const heir = firstUsable(state)
    return hop.kind !== "here" || heir === undefined || isSelf(state, heir)
      ? hop
      : { kind: "final", to: heir }
  }
  if (lookup.final && hop.kind !== "here") {
    // The sender knew of nobody between the key and us. Whoever it missed is our predecessor, or behind it.
    if (!usable(predecessor)) return { kind: "here" }
    if (predecessor.id === lookup.key || between(lookup.key, predecessor.id, config.self.id)) {
      return { kind: "final", to: firstFrom(lookup.key, predecessor, [...successors, ...fingers], usable) }
    }
  }
  return hop
}

const pass = (turn: Turn, hop: Exclude<Hop, { kind: "here" }>, lookup: LookupMessage): void => {
  const { to } = hop
  const { state } = turn
  send(turn, to, {
    ...lookup,
    hops: lookup.hops + 1,
    budget: Math.max(0, lookup.budget - 1),
    final: hop.kind === "final",
  })
  // A finger has no heartbeat. It is asked for one now, so that a dead one costs this lookup a retry and no more.
  // A peer that leaves asks nobody: it would be taken for a member again.
  const watch = Detector.watchOf(state.detector, to)
  if (watch === undefined && state.phase === "member") {
    turn.state = { ...state, detector: Detector.awaitAnswer(state.detector, to) }
    send(turn, to, { type: "Ping" })
  }
}
