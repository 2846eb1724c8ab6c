import type { Contact } from "../../../core/peer/Contact.ts"
import {
  defaultSuccessors,
  type Genesis,
  type HashName,
  isUnprotected,
  type Mode,
} from "../../../core/peer/Genesis.ts"
import { compare } from "../../../core/ring/RingId.ts"

/** What an operator decides when a cluster begins. */
export interface GenesisChoices {
  readonly cluster: string
  readonly cells: number
  readonly replicas: number
  /** Length of successor lists; by default whatever suits the number of founders. */
  readonly successors: number | undefined
  readonly mode: Mode
  readonly hash: ReadonlyArray<HashName>
  /** 64 hexadecimal digits. */
  readonly secret: string
  /** In any order. */
  readonly founders: ReadonlyArray<Contact>
}

/** The genesis those choices make; `whyNotGenesis` in core says whether it can stand. */
export const makeGenesis = (choices: GenesisChoices): Genesis => ({
  version: 1,
  cluster: choices.cluster,
  cells: choices.cells,
  replicas: choices.replicas,
  successors:
    choices.successors ?? Math.max(1, choices.replicas - 1, defaultSuccessors(choices.founders.length)),
  mode: choices.mode,
  hash: choices.hash,
  secret: choices.secret,
  founders: choices.founders.toSorted((a, b) => compare(a.id, b.id)),
})

/**
 * The first clash between founders, or undefined: a name, a place or an address that two of them claim. Core checks
 * the finished file too; this says it in the words of the command line.
 */
export const clashOf = (founders: ReadonlyArray<Contact>): string | undefined => {
  const owners = new Map<string, string>()
  for (const { name, id, ring, http } of founders) {
    if (ring === http)
      return `founder ${name} has the same address ${ring} for its ring port and its HTTP port`
    for (const claim of [`name ${name}`, `place ${id}`, `address ${ring}`, `address ${http}`]) {
      const other = owners.get(claim)
      if (other !== undefined) return `founders ${other} and ${name} have the same ${claim}`
      owners.set(claim, name)
    }
  }
  return undefined
}

/** What the operator should know about a genesis that can stand but is weaker than it could be. */
export const cautionsOf = (genesis: Genesis): ReadonlyArray<string> => {
  const founders = genesis.founders.length
  const cautions: Array<string> = []
  if (isUnprotected(genesis)) {
    cautions.push(
      `unprotected: ${founders} ${founders === 1 ? "founder" : "founders"} cannot hold ${genesis.replicas} replicas`,
    )
  }
  if (founders < genesis.successors + 1) {
    cautions.push(
      `fewer founders (${founders}) than successor lists need (${genesis.successors + 1}): ` +
        "the ring may not heal after a failure until more peers have joined",
    )
  }
  return cautions
}
