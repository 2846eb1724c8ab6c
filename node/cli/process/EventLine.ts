import { proseOfDifference } from "../DifferenceProse.ts"
import type { ProcessEvent, ProcessLine } from "../../log/ProcessEvent.ts"

/** Why a peer was taken for dead, in words. */
export const SUSPICIONS = {
  silent: "fell silent",
  reset: "its connection was reset",
  leaving: "it leaves",
  rebooted: "it came back without its ring state",
} as const

/** What an event says, without saying who. */
export const proseOf = (event: ProcessEvent): string => {
  switch (event.type) {
    case "joined":
      return event.after === null ? "is a member of the ring" : `joined the ring after ${event.after}`
    case "suspected":
      return `suspects ${event.peer}: ${SUSPICIONS[event.reason]}`
    case "cleared":
      return `hears ${event.peer} again`
    case "successors":
      return `successors: ${event.list.map((name) => (name === "" ? "-" : name)).join(" ")}`
    case "predecessor":
      return `predecessor: ${event.name}${event.tookOver === null ? "" : `, took over from ${event.tookOver}`}`
    case "leaving":
      return "leaves the ring"
    case "view":
      return `cell ${event.cell} epoch ${event.epoch}: ${event.leads ? "leads" : "follows"} with ${event.members.join(" ")}, ${event.entries} entries`
    case "active":
      return `cell ${event.cell} epoch ${event.epoch}: serves`
    case "diverged":
      return `${event.fenced ? "fenced" : "diverged"}: client ${event.client}, entry ${event.entry} of cell ${event.cell}: ${proseOfDifference(event.difference)}`
    case "corrupt":
      return `cell ${event.cell} is corrupt: ${event.reason}`
    case "listening":
      return `listens on ${event.http}${event.ring === undefined ? "" : ` (HTTP) and ${event.ring} (ring)`}`
    case "ready":
      return "is ready"
    case "instance":
      return `service ${event.state}${event.pid === null ? "" : `, pid ${event.pid}`}`
    case "service":
      return `service ${event.stream}: ${event.line}`
    case "warning":
      return `warning: ${event.reason}`
    case "failed":
      return `failed: ${event.reason}`
  }
}

/** One line of a log, without the line end. */
export const writeEvent = (format: "text" | "json", line: ProcessLine): string =>
  format === "json" ? JSON.stringify(line) : `${line.at} ${line.who} ${proseOf(line.event)}`

/** The event that `text` holds, or undefined when it is no line of ours (a stray print of a library, say). */
export const readEvent = (text: string): ProcessLine | undefined => {
  if (!text.startsWith('{"at":')) return undefined
  try {
    return JSON.parse(text) as ProcessLine
  } catch {
    return undefined
  }
}
