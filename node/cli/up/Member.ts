import type { RingId } from "../../../core/ring/RingId.ts"
import type { ProcessEvent } from "../../log/ProcessEvent.ts"
import type { MemberState, UpFile } from "./UpFile.ts"

/** What a process of a local ring is told, fixed while `up` runs. */
export interface MemberPlan {
  readonly kind: "peer" | "dispatcher"
  readonly name: string
  /** Place on the ring; absent for a dispatcher. */
  readonly id?: RingId
  /** `host:port`; absent for a dispatcher. */
  readonly ring?: string
  /** `host:port`. */
  readonly http: string
  /** Arguments of the `ringstead` binary, from the subcommand on. */
  readonly args: ReadonlyArray<string>
  /** Its own folder. */
  readonly folder: string
}

/** A process of a local ring as it stands. */
export interface Member {
  readonly plan: MemberPlan
  readonly state: MemberState
  readonly pid: number | null
  readonly instancePid: number | null
  /** Whether the process that runs now has opened its HTTP port, and whether it has said that it is ready. */
  readonly listening: boolean
  readonly announced: boolean
  /** Whether it ever was ready in this run of `up`. */
  readonly served: boolean
}

export const planned = (plan: MemberPlan): Member => ({
  plan,
  state: "starting",
  pid: null,
  instancePid: null,
  listening: false,
  announced: false,
  served: false,
})

/** A process of its own begins; what it says comes later. */
export const begun = (member: Member): Member => ({
  ...member,
  state: "starting",
  listening: false,
  announced: false,
})

/** Its process is gone: `down`, or `left` when that was its own doing. */
export const ended = (member: Member, state: "down" | "left"): Member => ({
  ...member,
  state,
  pid: null,
  instancePid: null,
})

/** A dispatcher finds the ring before it listens, a peer listens before it joins: both serve when they have both. */
const settled = (member: Member): Member =>
  member.listening && member.announced ? { ...member, state: "ready", served: true } : member

/** The member after its process said `event`. */
export const after = (member: Member, event: ProcessEvent): Member => {
  switch (event.type) {
    case "listening":
      return settled({ ...member, listening: true })
    case "ready":
      return settled({ ...member, announced: true })
    case "instance": {
      // A peer whose service died is not ready until the service is back; its first start is told by "ready" alone.
      const serves = member.announced && event.state === "ready"
      return { ...member, state: serves ? "ready" : "starting", instancePid: event.pid }
    }
    default:
      return member
  }
}

const urlOf = (plan: MemberPlan): string => `http://${plan.http}/`

/** DATA/up.json for `members`, in their order. */
export const upFileOf = (members: ReadonlyArray<Member>): UpFile => ({
  dispatchers: members
    .filter(({ plan }) => plan.kind === "dispatcher")
    .map(({ plan, pid, state }) => ({ name: plan.name, pid, url: urlOf(plan), state })),
  peers: members
    .filter(({ plan }) => plan.kind === "peer")
    .map(({ plan, pid, instancePid, state }) => ({
      name: plan.name,
      pid,
      instancePid,
      ringPort: Number(plan.ring?.slice(plan.ring.lastIndexOf(":") + 1)),
      url: urlOf(plan),
      state,
    })),
})
