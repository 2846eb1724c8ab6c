/** One client's session: its journal as the peers share it, and the instances that serve it (service.md). */
export interface Session {
  readonly epoch: number
  /** Who leads it. */
  readonly leader: number
  /** The log that the epoch began with. */
  readonly base: Log
  readonly committed: Log
  /** How many requests the client has sent; it sends the next one when it has the answer. */
  readonly asked: number
  /** Entries whose responses left, in that order. */
  readonly answered: Log
  readonly peers: ReadonlyArray<Peer>
  readonly budget: Budget
}

export interface Budget {
  readonly takeovers: number
  readonly crashes: number
  /** An instance that does something by itself that no request asked for. */
  readonly divergences: number
  /** A service that does not answer in time. */
  readonly timeouts: number
}

export interface Peer {
  readonly up: boolean
  /** The latest epoch that it knows. */
  readonly epoch: number
  /** Its log as leader of that epoch, as far as it knows; null: it does not lead. */
  readonly log: Log | null
  /** What it appended as leader of the epoch before and the base lacks. */
  readonly rest: Log
  readonly instance: Instance
  /** Replay gave another response than the journal has: nothing is served any more. */
  readonly isFenced: boolean
}

export interface Instance {
  /** What it has done for the session, in order: a request by its number from 1, DIVERGED for what nobody asked for. */
  readonly state: State
  /** How many entries of the journal are in it. */
  readonly applied: number
  /** The request that it runs, from 0, and the epoch in which it began. */
  readonly running: { readonly request: number; readonly epoch: number } | null
  /** It has seen a request that may be missing from the journal: it never serves this session again. */
  readonly isTainted: boolean
}

/** A digit for each thing done, to the base of 8, the latest last. */
export type State = number

export const DIVERGED = 7
export const doing = (state: State, what: number): State => state * 8 + what

/** A character an entry. */
export type Log = string

/** A request and the state in which the service answered it, which stands for the response; SKIPPED: it did not answer. */
export interface Entry {
  readonly request: number
  readonly response: State
}

export const SKIPPED: State = 0

export const encoded = ({ request, response }: Entry): Log =>
  String.fromCharCode(1 + request * 4096 + response)

export const entryAt = (log: Log, index: number): Entry => {
  const word = log.charCodeAt(index) - 1
  return { request: word >> 12, response: word & 4095 }
}

export const has = (log: Log, request: number): boolean => {
  for (let i = 0; i < log.length; i++) if (entryAt(log, i).request === request) return true
  return false
}

/** The state of a service that never failed, after these entries. */
export const due = (log: Log): State => {
  let state = 0
  for (let i = 0; i < log.length; i++) {
    const { request, response } = entryAt(log, i)
    if (response !== SKIPPED) state = doing(state, request + 1)
  }
  return state
}

export const freshInstance: Instance = { state: 0, applied: 0, running: null, isTainted: false }

export const sessionCode = ({
  answered,
  asked,
  base,
  budget,
  committed,
  epoch,
  leader,
  peers,
}: Session): string => {
  const { crashes, divergences, takeovers, timeouts } = budget
  let all = `${epoch},${leader},${asked},${takeovers},${crashes},${divergences},${timeouts}|${base}|${committed}|${answered}`
  for (const { epoch: known, instance, isFenced, log, rest, up } of peers) {
    const { applied, isTainted, running, state } = instance
    const runs = running === null ? "" : `${running.request}.${running.epoch}`
    const flags = (up ? 1 : 0) + (isFenced ? 2 : 0) + (isTainted ? 4 : 0)
    all += `\n${known},${flags},${state},${applied},${runs},${log === null ? "-" : `+${log}`},${rest}`
  }
  return all
}

export const logText = (log: Log): string =>
  Array.from(log, (one) => {
    const { request, response } = entryAt(one, 0)
    return `${"abcdefg".charAt(request)}:${response === SKIPPED ? "skipped" : stateText(response)}`
  }).join(" ") || "nothing"

export const stateText = (state: State): string =>
  Array.from(state.toString(8), (digit) => (digit === "7" ? "?" : " abcdef".charAt(Number(digit))))
    .join("")
    .trim()
