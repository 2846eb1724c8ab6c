import type { Cell, Peer } from "./Cell.ts"
import type { Message } from "./Message.ts"
import type { JournalMutantName } from "./JournalMutants.ts"

/** One thing that may happen in a cell, in words and as a program. */
export interface JournalRule {
  readonly name: string
  /** What peers do and what arrives happens in the end if it stays possible; what the environment does need not. */
  readonly by: "peers" | "environment"
  /** When it may happen, in the words of journal.md. */
  readonly guard: string
  /** What is after it. */
  readonly effect: string
  /** Where it may happen now. */
  readonly enabled: (cell: Cell, rules: Rules) => ReadonlyArray<Place>
  readonly happen: (cell: Cell, place: Place, rules: Rules) => Cell
}

/** At which peer something happens, and what it is about. */
export interface Place {
  readonly at: number
  /** What has come to it. */
  readonly message?: Message
  /** One of several things of the kind. */
  readonly pick?: number
}

/** What the rules are told beside the cell. */
export interface Rules {
  /** r. */
  readonly replicas: number
  /** Requests that clients ask for, by number from 0. */
  readonly requests: number
  /** `apart`: a step's writes reach the disk later than its effects the memory, and its messages leave after them. */
  readonly flush: "within" | "apart"
  readonly mutant: JournalMutantName | null
}

/** All peers for which `test` holds. */
export const where =
  (test: (peer: Peer, cell: Cell, rules: Rules) => boolean): JournalRule["enabled"] =>
  (cell, rules) => {
    const places: Array<Place> = []
    for (let at = 0; at < cell.peers.length; at++) {
      const peer = cell.peers[at]
      if (peer?.up === true && test(peer, cell, rules)) places.push({ at })
    }
    return places
  }

/** All messages of a type, each with all peers at which it makes a difference. */
export const arrival =
  <T extends Message["type"]>(
    type: T,
    test: (peer: Peer, message: Extract<Message, { readonly type: T }>, cell: Cell, rules: Rules) => boolean,
  ): JournalRule["enabled"] =>
  (cell, rules) => {
    const places: Array<Place> = []
    for (const { message } of cell.messages) {
      if (message.type !== type) continue
      const one = message as Extract<Message, { readonly type: T }>
      for (let at = 0; at < cell.peers.length; at++) {
        const peer = cell.peers[at]
        if (peer?.up === true && test(peer, one, cell, rules)) places.push({ at, message: one })
      }
    }
    return places
  }

/** What a message's arrival does. */
export const receiving =
  <T extends Message["type"]>(
    type: T,
    effect: (
      cell: Cell,
      at: number,
      peer: Peer,
      message: Extract<Message, { readonly type: T }>,
      rules: Rules,
    ) => Cell,
  ): JournalRule["happen"] =>
  (cell, { at, message }, rules) => {
    const peer = cell.peers[at]
    return peer === undefined || message?.type !== type
      ? cell
      : effect(cell, at, peer, message as Extract<Message, { readonly type: T }>, rules)
  }

/** What a peer does by itself. */
export const doing =
  (effect: (cell: Cell, at: number, peer: Peer, pick: number, rules: Rules) => Cell): JournalRule["happen"] =>
  (cell, { at, pick = 0 }, rules) => {
    const peer = cell.peers[at]
    return peer === undefined ? cell : effect(cell, at, peer, pick, rules)
  }
