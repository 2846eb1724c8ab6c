import { join } from "node:path"
import type { Contact } from "../../../core/peer/Contact.ts"
import { type Genesis, type Mode, modeOf } from "../../../core/peer/Genesis.ts"
import { fromBigInt, SIZE } from "../../../core/ring/RingId.ts"
import { idOfName } from "../genesis/IdOfName.ts"
import type { MemberPlan } from "./Member.ts"

/** The i-th peer and dispatcher of a local ring, from 1. */
export const peerName = (i: number): string => `peer-${i}`
export const dispatcherName = (i: number): string => `d${i}`

/**
 * A founder for each pair of ports, at equal distances round the ring: the hashes of a handful of names would leave
 * one of them with half of the cells. A newcomer stands where its name's hash says.
 */
export const foundersOn = (
  ports: ReadonlyArray<readonly [ring: number, http: number]>,
): ReadonlyArray<Contact> =>
  ports.map(([ring, http], i) => ({
    id: fromBigInt((SIZE * BigInt(i + 1)) / BigInt(ports.length) - 1n),
    incarnation: 1,
    name: peerName(i + 1),
    ring: `127.0.0.1:${ring}`,
    http: `127.0.0.1:${http}`,
  }))

/** What an operator may ask of a ring that exists already. */
export interface Wanted {
  readonly peers: number
  readonly cells: number | undefined
  readonly replicas: number | undefined
  readonly mode: Mode | undefined
}

/** Why a ring that began with `genesis` cannot be what is wanted now, or undefined. */
export const whyNotReused = (genesis: Genesis, file: string, wanted: Wanted): string | undefined => {
  const fixed = (flag: string, was: number | string): string =>
    `--${flag} contradicts ${file}, which says ${was} for ever; leave it out, or begin anew with another --data`
  if (wanted.cells !== undefined && wanted.cells !== genesis.cells) return fixed("cells", genesis.cells)
  if (wanted.replicas !== undefined && wanted.replicas !== genesis.replicas) {
    return fixed("replicas", genesis.replicas)
  }
  if (wanted.mode !== undefined && wanted.mode !== modeOf(genesis)) return fixed("mode", modeOf(genesis))
  const founders = genesis.founders.length
  if (wanted.peers < founders) {
    return `--peers ${wanted.peers} is fewer than the ${founders} founders in ${file}; ask for ${founders} or more, or begin anew with another --data`
  }
  const own = new Set(genesis.founders.map((_, i) => peerName(i + 1)))
  const strangers = genesis.founders.map(({ name }) => name).filter((name) => !own.has(name))
  return strangers.length === 0
    ? undefined
    : `${file} was not written by 'ringstead up' (it names ${strangers.join(", ")}); start those with 'ringstead peer'`
}

/** What every peer and dispatcher of one ring is told alike. */
export interface Common {
  readonly data: string
  readonly genesisFile: string
  readonly genesis: Genesis
  /** Flags passed on as they are. */
  readonly peerFlags: ReadonlyArray<string>
  readonly dispatchFlags: ReadonlyArray<string>
  /** Directory for the traces of peers; undefined for none. */
  readonly trace?: string | undefined
}

const everyProcess = ["--log=json", "--leash"]

/** The founders, by the number in their names, and after them as many newcomers as there are pairs of ports. */
export const planPeers = (
  common: Common,
  newcomers: ReadonlyArray<readonly [ring: number, http: number]>,
): ReadonlyArray<MemberPlan> => {
  const founders = common.genesis.founders.toSorted((a, b) => numberIn(a.name) - numberIn(b.name))
  const plan = (
    contact: Pick<Contact, "name" | "id" | "ring" | "http">,
    extra: ReadonlyArray<string>,
  ): MemberPlan => {
    const folder = join(common.data, contact.name)
    return {
      kind: "peer",
      name: contact.name,
      id: contact.id,
      ring: contact.ring,
      http: contact.http,
      folder,
      args: [
        "peer",
        `--genesis=${common.genesisFile}`,
        `--name=${contact.name}`,
        `--data=${folder}`,
        ...extra,
        ...(common.trace === undefined ? [] : [`--trace=${join(common.trace, `${contact.name}.jsonl`)}`]),
        ...common.peerFlags,
        ...everyProcess,
      ],
    }
  }
  return [
    ...founders.map((founder) => plan(founder, [])),
    ...newcomers.map(([ring, http], i) => {
      const name = peerName(founders.length + i + 1)
      const [ringAt, httpAt] = [`127.0.0.1:${ring}`, `127.0.0.1:${http}`]
      return plan({ name, id: idOfName(name), ring: ringAt, http: httpAt }, [
        `--ring=${ringAt}`,
        `--http=${httpAt}`,
      ])
    }),
  ]
}

/** One dispatcher for each port. */
export const planDispatchers = (common: Common, ports: ReadonlyArray<number>): ReadonlyArray<MemberPlan> =>
  ports.map((port, i) => {
    const name = dispatcherName(i + 1)
    const http = `127.0.0.1:${port}`
    return {
      kind: "dispatcher",
      name,
      http,
      folder: join(common.data, name),
      args: [
        "dispatch",
        `--genesis=${common.genesisFile}`,
        `--name=${name}`,
        `--listen=${http}`,
        ...common.dispatchFlags,
        ...everyProcess,
      ],
    }
  })

const numberIn = (name: string): number => Number(name.slice(name.lastIndexOf("-") + 1))
