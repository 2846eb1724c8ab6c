import { type Fault, lasts, type Plan } from "./Plan.ts"

/** Copies of a cell, of which a majority has to keep its disk. */
const REPLICAS = 3

/** Faults after which a disk has less than others were told; a `tear` takes only what nobody was told of. */
const isLoss = ({ verb }: Fault): boolean => verb === "wipe"

/** When it is over: with its undo, at once if it has none, else with the phase; in ms. */
const endOf = (fault: Fault, { faultsMs }: Plan): number =>
  lasts(fault) ? fault.at + (fault.forMs ?? faultsMs - fault.at) : fault.at

/**
 * Where a plan goes beyond what the system promises to survive, one line each: a loss of disks that comes while another
 * peer is away or cut off, and members fewer than the copies of a cell. What is lost in such a run proves nothing.
 */
export const beyondLimits = (plan: Plan): ReadonlyArray<string> => {
  const problems: Array<string> = []
  for (const [n, loss] of plan.faults.entries()) {
    if (!isLoss(loss)) continue
    if (loss.targets.length > 1)
      problems.push(`faults[${n}] takes the disks of ${loss.targets.length} peers at once`)
    const other = plan.faults.findIndex(
      (fault, m) => m !== n && fault.at < endOf(loss, plan) && loss.at < endOf(fault, plan),
    )
    if (other >= 0) problems.push(`faults[${n}] takes a disk while faults[${other}] lasts`)
  }
  for (const [n, { verb, at }] of plan.faults.entries()) {
    if (verb !== "leave") continue
    const away = plan.faults.filter(
      (fault) => fault.verb === "leave" && fault.at <= at && at < endOf(fault, plan),
    )
    const founders = away.flatMap(({ targets }) =>
      targets.filter((name) => Number(String(name).slice(1)) < plan.peers),
    )
    if (plan.peers - founders.length < Math.min(REPLICAS, plan.peers - 1))
      problems.push(`after faults[${n}] there are ${plan.peers - founders.length} members`)
  }
  return problems
}
