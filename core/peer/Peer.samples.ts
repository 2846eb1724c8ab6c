import { alone } from "../membership/SuccessorList.ts"
import { fromBigInt } from "../ring/RingId.ts"
import type { Command } from "./Command.ts"
import { type Contact, placeholder } from "./Contact.ts"
import type { Event } from "./Event.ts"
import type { RingMessage } from "./Message.ts"
import { initial, step, type Step } from "./Peer.ts"
import type { PeerConfig, PeerState } from "./PeerState.ts"

/** Peers on a ring of small numbers, and single steps of one of them, for tests. */

/** The peer with id `n`, named after it. */
export const peer = (n: number, incarnation = 1): Contact => ({
  id: fromBigInt(BigInt(n)),
  incarnation,
  name: `p${n}`,
  ring: `r${n}:1`,
  http: `h${n}:1`,
})

/** An entry that stands for nobody, at `n`. */
export const nobody = (n: number): Contact => placeholder(fromBigInt(BigInt(n)))

/** A peer that has not started yet. */
export const newcomer = (n: number, config: Partial<PeerConfig> = {}): PeerState =>
  initial({
    self: peer(n),
    founders: [],
    founding: false,
    successors: 3,
    cells: 16,
    tickMs: 100,
    suspectTicks: 3,
    journal: null,
    ...config,
  })

/**
 * A member with this list and predecessor, long after its start.
 *
 * @param successors ids, or contacts where it matters; their number is L.
 */
export const member = (
  n: number,
  successors: ReadonlyArray<number | Contact>,
  predecessor: number | Contact,
  more: Partial<PeerState> = {},
): PeerState => {
  const [first, ...rest] = successors.map(contact)
  const state = newcomer(n, { successors: successors.length })
  return {
    ...state,
    phase: "member",
    age: 100,
    // Not a multiple of what happens every few ticks, so that a tick does no more than a tick must.
    turns: 1,
    successors: first ? [first, ...rest] : alone(peer(n), 1),
    predecessor: contact(predecessor),
    ...more,
  }
}

const contact = (one: number | Contact): Contact => (typeof one === "number" ? peer(one) : one)

export const tick: Event = { type: "tick", lateMs: 0 }

export const heard = (from: number | Contact, message: RingMessage): Event => ({
  type: "message",
  from: contact(from),
  message,
})

/** The answer of a member to query `op`. */
export const stateReply = (
  op: number,
  successors: ReadonlyArray<number | Contact>,
  predecessor: number,
): RingMessage => ({
  type: "StateReply",
  op,
  member: true,
  successors: successors.map(contact),
  predecessor: peer(predecessor),
})

/** Takes the events one after another from states that cannot be changed; the commands are those of all of them. */
export const take = (state: PeerState, ...events: ReadonlyArray<Event>): Step => {
  let now = deepFreeze(state)
  const commands: Array<Command> = []
  for (const event of events) {
    const next = step(now, deepFreeze(event))
    now = deepFreeze(next.state)
    commands.push(...next.commands)
  }
  return { state: now, commands }
}

/** What a step sent: `to message`, like `p3 Ping`, in order. */
export const sent = ({ commands }: Step): ReadonlyArray<string> =>
  commands.flatMap((command) =>
    command.type === "send" ? [`${command.to.name} ${command.message.type}`] : [],
  )

/** The messages of a type that a step sent, with whom they went to. */
export const messages = <T extends RingMessage["type"]>(
  { commands }: Step,
  type: T,
): ReadonlyArray<{ readonly to: string } & Extract<RingMessage, { readonly type: T }>> =>
  commands.flatMap((command) =>
    command.type === "send" && command.message.type === type
      ? [{ to: command.to.name, ...(command.message as Extract<RingMessage, { readonly type: T }>) }]
      : [],
  )

/** Names of a list's entries; "" for one that stands for nobody. */
export const named = (list: ReadonlyArray<Contact>): ReadonlyArray<string> => list.map((one) => one.name)

const refuse = (): never => {
  throw new TypeError("a map or set of a state is never changed in place")
}

/** Makes every change of `value` an error, in the maps and sets inside it too. Returns `value`. */
export const deepFreeze = <A>(value: A): A => {
  // Bytes cannot be frozen, nor need they be: nobody writes to an entry.
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return value
  if (value instanceof Map) {
    for (const entry of value) deepFreeze(entry)
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse })
  }
  if (value instanceof Set) Object.assign(value, { add: refuse, delete: refuse, clear: refuse })
  Object.freeze(value)
  for (const [key, inner] of Object.entries(value)) {
    // Versions of a log share what grows behind the end of each.
    if (key === "shared") for (const item of Object.values(inner as object)) deepFreeze(item)
    else deepFreeze(inner)
  }
  return value
}
