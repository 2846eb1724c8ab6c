import type { Cluster } from "../cluster/Cluster.ts"
import type { Mesh } from "../mesh/Mesh.ts"
import { type Fault, isLinkFault } from "../plan/Plan.ts"
import type { Deed } from "./Deed.ts"
import { linkDeed } from "./LinkKinds.ts"
import { processDeed } from "./ProcessKinds.ts"

/** What a nemesis does things with. */
export interface Hands {
  /** A fault, ready to be applied. @param number its place in the plan */
  readonly ready: (number: number, fault: Fault) => Deed
  /**
   * Whether the ring is whole within so many ms.
   *
   * @returns "", or what is amiss
   */
  readonly whole: (withinMs: number) => Promise<string>
  /** Links are as they should be, whatever lies on them. */
  readonly heal: () => Promise<void>
}

/** Real processes and links. */
export const handsOn = (cluster: Cluster, mesh: Mesh): Hands => ({
  ready: (number, fault) =>
    isLinkFault(fault)
      ? linkDeed(mesh, fault.verb, number, fault.targets, fault.args ?? {})
      : processDeed(cluster, fault.verb, fault.targets, fault.args ?? {}),
  whole: (withinMs) => cluster.check(withinMs),
  heal: () => mesh.lift(null),
})
