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
  /** Whether it ever was ready in this run of `up`. */
  readonly served: boolean
}

export const planned = (plan: MemberPlan): Member => ({
  plan,
  state: "starting",
  pid: null,
  instancePid: null,
  served: false,
})

/** The member after its process said `event`. */
export const after = (member: Member, event: ProcessEvent): Member => {
  switch (event.type) {
    case "ready":
      return { ...member, state: "ready", served: true }
    case "instance": {
      // A peer whose service died is not ready until the service is back; its first start is told by "ready" alone.
      const state = !member.served ? "starting" : event.state === "ready" ? "ready" : "starting"
      return { ...member, state, instancePid: event.pid }
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
