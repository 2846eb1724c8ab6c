import { entryAt, type Peer, type Session } from "../../spec/session/Session.ts"
import type { SessionAction } from "../../spec/session/SessionSystem.ts"
import { type InstanceState, nameOf, requestsOf, type SessionState, setOf } from "./SessionState.ts"

export interface SessionStep {
  readonly action: string
  readonly parameters: Readonly<Record<string, string>>
  readonly after: SessionState
}

const withInstance = (state: SessionState, at: number, change: Partial<InstanceState>): SessionState => ({
  ...state,
  instances: state.instances.map((one, i) => (i === at ? { ...one, ...change } : one)),
})

/** What a step of the explored session is in the proof, by SessionLink.ts: no step, one, or two. */
export const sessionStepsOf = (
  session: Session,
  { at, pick = 0, rule }: SessionAction,
  next: Session,
  from: SessionState,
  to: SessionState,
): ReadonlyArray<SessionStep> => {
  const peer = session.peers[at] as Peer
  const [was, is] = [from.instances[at] as InstanceState, to.instances[at] as InstanceState]
  const i = nameOf(at)
  const one = (action: string, parameters: Readonly<Record<string, string>>): ReadonlyArray<SessionStep> => [
    { action, parameters, after: to },
  ]
  const running = peer.instance.running?.request ?? 0
  const renewed = one("renew", { i, d: String(is.isDeposed) })
  switch (rule) {
    case "begin":
      return one(was.isDeposed ? "stray" : "run", { i, r: nameOf(pick) })
    case "finish":
      if (was.isTainted || (was.isDeposed && !is.isTainted)) return []
      return is.isTainted ? one("taint", { i }) : one("journal", { i, r: nameOf(running) })
    case "time-out": {
      if (was.isDeposed) return renewed
      const journaled = { ...from, journal: [...from.journal, running] }
      return [{ action: "journal", parameters: { i, r: nameOf(running) }, after: journaled }, ...renewed]
    }
    case "commit":
      return one("commit", { r: nameOf(to.committed.at(-1) ?? 0) })
    case "answer":
      return one("answer", { r: nameOf(to.answered.at(-1) ?? 0) })
    case "replay": {
      const { request } = entryAt(peer.log ?? session.committed, peer.instance.applied)
      return one(was.isDeposed ? "stray" : "replay", { i, r: nameOf(request) })
    }
    case "renew":
      return renewed
    case "learn":
      if (was.isTainted) return []
      if (is.isTainted) return one("taint", { i })
      return was.isDeposed ? one("learn", { i }) : []
    case "crash": {
      if (!was.leads || peer.rest === "") return renewed
      const base = requestsOf(peer.log ?? "")
      const parameters = { k: i, base: setOf(base) }
      const lost = withInstance({ ...from, journal: base }, at, { isTainted: true })
      return [{ action: "change-view", parameters, after: lost }, ...renewed]
    }
    case "takeover": {
      if (was.leads) return one("reappend", { k: i, base: setOf(to.journal) })
      const base = requestsOf(next.base)
      const parameters = { k: i, base: setOf(base) }
      const isFirstPart = was.applied.every((request, index) => base[index] === request)
      // Its request still runs, or it has applied the same with other responses.
      if (is.isTainted && !was.isTainted && isFirstPart)
        return [
          { action: "change-view", parameters, after: withInstance(to, at, { isTainted: false }) },
          ...one("taint", { i }),
        ]
      return one("change-view", parameters)
    }
    default:
      return []
  }
}
