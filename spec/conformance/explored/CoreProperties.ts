import { headAt } from "../../../core/replication/Log.ts"
import type { Invariant, Witness } from "../../explorer/System.ts"
import { PEERS } from "./CoreNode.ts"
import type { CoreOptions, CoreState } from "./CoreState.ts"

/** Invariants that steps are judged by (Judged.ts), by the name that a problem begins with. */
const claims: ReadonlyArray<readonly [name: string, claim: string]> = [
  ["TwoViews", "I2"],
  ["BasesHoldCommitted", "I3"],
  ["CommittedStays", "I4"],
  ["MajorityCommits", "I5"],
  ["ResponsesAreCommitted", "I10"],
  ["EffectsOnce", "effects"],
]

export const coreInvariants: ReadonlyArray<Invariant<CoreState>> = [
  ...claims.map(([name, claim]) => ({
    name,
    broken: ({ problem }: CoreState) => (problem?.startsWith(`${claim}:`) ? problem : undefined),
  })),
  {
    name: "StepsAreSound",
    broken: ({ problem }) => (problem === null || /^(I\d+|effects):/.test(problem) ? undefined : problem),
  },
  {
    name: "LogsOfOneEpoch",
    broken: ({ nodes }) => {
      const members = nodes.flatMap(({ value }, at) => {
        const replica = value.state?.replicas[0] ?? null
        return replica?.record.role === "member" ? [{ at, replica }] : []
      })
      for (const a of members) {
        for (const b of members) {
          if (a.at >= b.at || a.replica.record.epoch !== b.replica.record.epoch) continue
          const both = Math.min(a.replica.log.length, b.replica.log.length)
          if (headAt(a.replica.log, both) !== headAt(b.replica.log, both))
            return `I1: the logs of epoch ${a.replica.record.epoch} differ at ${PEERS[a.at]?.name} and ${PEERS[b.at]?.name}`
        }
      }
      return undefined
    },
  },
]

const isLed = ({ nodes }: CoreState, is: (at: number, epoch: number) => boolean): boolean =>
  nodes.some(({ value }, at) => {
    const replica = value.state?.replicas[0]
    return replica?.leading?.active === true && is(at, replica.record.epoch)
  })

/** What must be met where the environment may do so much. */
export const coreWitnesses = ({
  crashes,
  mistakes,
  requests,
  restarts,
}: CoreOptions): ReadonlyArray<Witness<CoreState>> => [
  { name: "every request is answered", seen: ({ asked }) => asked.every((one) => one === -1) },
  ...(crashes + mistakes === 0 ? [] : changing),
  ...(crashes + mistakes === 0 || requests === 0 ? [] : asking),
  ...(restarts === 0 ? [] : returning),
]

const changing: ReadonlyArray<Witness<CoreState>> = [
  {
    name: "another leads after a change of view",
    seen: (state) => isLed(state, (at, epoch) => at > 0 && epoch > 0),
  },
]

const asking: ReadonlyArray<Witness<CoreState>> = [
  {
    name: "an answer came after a change of view",
    seen: ({ asked, past }) => past.views.length > 1 && asked.includes(-1),
  },
  {
    name: "a request was sent to two leaders",
    seen: ({ asked }) => asked.some((one) => one > 0 && (one & (one - 1)) !== 0),
  },
]

const returning: ReadonlyArray<Witness<CoreState>> = [
  {
    name: "who crashed is back",
    seen: ({ nodes }) => nodes.some(({ value: { boots, state } }) => state !== null && boots > 1),
  },
]
