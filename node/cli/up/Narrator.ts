import type { Mode } from "../../../core/peer/Genesis.ts"
import { cellsInArc } from "../../../core/ring/CellsInArc.ts"
import type { RingId } from "../../../core/ring/RingId.ts"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import { proseOf, SUSPICIONS } from "../process/EventLine.ts"
import type { ChildEnd } from "./Child.ts"
import { Takeovers } from "./Takeovers.ts"

/** What the narrator must know of the ring to put numbers on what happens. */
export interface RingFacts {
  readonly cells: number
  readonly mode: Mode
  /** Name of the peer that led a cell at the beginning of the ring. */
  readonly firstLeader: (cell: number) => string | undefined
  /** Place of a peer by name. */
  readonly idOf: (name: string) => RingId | undefined
}

/**
 * Turns what the processes of a ring say into the few lines a person watching it wants: each thing once, however
 * many peers report it, and nothing at all of the ordinary start.
 */
export class Narrator {
  readonly #facts: RingFacts
  /** Peers that somebody suspects and that have not been heard of again. */
  readonly #suspected = new Set<string>()
  readonly #takeovers: Takeovers
  #started = false

  constructor(facts: RingFacts) {
    this.#facts = facts
    this.#takeovers = new Takeovers(facts.firstLeader)
  }

  /** From now on joining and getting ready is news. */
  started(): void {
    this.#started = true
    this.#takeovers.forget()
  }

  /** The line for what `who` said at `nowMs`, on any clock, or undefined when it is not worth one or not yet. */
  heard(who: string, event: ProcessEvent, nowMs: number): string | undefined {
    this.#takeovers.heard(who, event, nowMs)
    switch (event.type) {
      case "warning":
        return `${who}: ${event.reason}`
      case "suspected":
        if (this.#suspected.has(event.peer) || !this.#started) return undefined
        this.#suspected.add(event.peer)
        // It says so itself.
        if (event.reason === "leaving") return undefined
        return `${event.peer} suspected by ${who}: ${SUSPICIONS[event.reason]}`
      case "cleared":
        return this.#suspected.delete(event.peer) ? `${event.peer} is heard again by ${who}` : undefined
      case "predecessor":
        // With journals it is views that decide who serves, and not the ring.
        return event.tookOver === null || this.#facts.mode === "replay"
          ? undefined
          : this.#takeover(who, event.from, event.tookOver)
      case "joined":
        this.#suspected.delete(who)
        return this.#started
          ? `${who} joined${event.after === null ? "" : ` after ${event.after}`}`
          : undefined
      case "ready":
        return this.#started ? `${who} is ready` : undefined
      case "leaving":
        return `${who} leaves the ring`
      case "diverged":
      case "corrupt":
        return `${who}: ${proseOf(event)}`
      case "view":
      case "active":
        return undefined
      case "instance":
        // How it died, and what follows, is a warning of its own.
        return this.#started && event.state === "ready"
          ? `${who}'s service is ready, pid ${event.pid}`
          : undefined
      case "listening":
      case "successors":
      case "service":
      case "failed":
        return undefined
    }
  }

  /** Lines for what took a while and is over now. */
  concluded(nowMs: number): ReadonlyArray<string> {
    return this.#started ? this.#takeovers.over(nowMs) : []
  }

  /** The line for the end of `who`; `plan` is what happens next. */
  ended(who: string, end: ChildEnd, plan: string): string {
    const how = end.signal === null ? `ended with code ${end.code}` : `was killed (${end.signal})`
    return `${who} ${how}${end.complaint === "" ? "" : `: ${end.complaint}`}; ${plan}`
  }

  /** `from` is where the heir's arc begins now; what the lost peer led lies between that and the lost peer itself. */
  #takeover(heir: string, from: RingId, lost: string): string {
    const place = this.#facts.idOf(lost)
    if (place === undefined) return `${heir} took over from ${lost}`
    const cells = cellsInArc(from, place, this.#facts.cells)
    return `${heir} took over ${cells} ${cells === 1 ? "cell" : "cells"} from ${lost}`
  }
}
