import { whyNotCells } from "../ring/Cell.ts"
import { isRingId } from "../ring/RingId.ts"
import type { Contact } from "./Contact.ts"

/**
 * The file that every process of a cluster starts from, written once by `ringstead genesis`. The key space is cut
 * and the founders are named here and never again, so that no two peers can disagree about the beginning.
 */
export interface Genesis {
  /** Format of the file; this is version 1. */
  readonly version: 1
  /** 1 to 64 characters of [A-Za-z0-9._-]; peers of another cluster are refused. */
  readonly cluster: string
  /** Q, the number of cells: a power of two from 1 to 2^20. */
  readonly cells: number
  /** r, replicas of a cell: odd, 1 to 9. */
  readonly replicas: number
  /** L, length of successor lists: replicas - 1 to 16. */
  readonly successors: number
  /** What happens to sessions when a peer dies (README); replay if it is not said. */
  readonly mode?: Mode
  /** The chain of hash functions applied in turn to a client's name; at least one. */
  readonly hash: ReadonlyArray<HashName>
  /** 64 hexadecimal digits: the HMAC key of the name cookie. */
  readonly secret: string
  /** Ordered clockwise from 0. */
  readonly founders: ReadonlyArray<Contact>
}

/** The mode of a cluster whose genesis says none, or says it. */
export const modeOf = (genesis: Genesis): Mode => genesis.mode ?? "replay"

export const MODES: ReadonlyArray<Mode> = ["replay", "stateless"]

/** stateless: they are lost with it. replay: they are journaled on its neighbours, one of which rebuilds them. */
export type Mode = "stateless" | "replay"

export type HashName = "sha1" | "md5" | "sha256"

export const HASH_NAMES: ReadonlyArray<HashName> = ["sha1", "md5", "sha256"]

/** L unless the operator says otherwise: 4, and 2 below 7 founders, since L+1 principals must be left after a loss. */
export const defaultSuccessors = (founders: number): number => (founders < 7 ? 2 : 4)

const namePattern = /^[A-Za-z0-9._-]{1,64}$/
const addressPattern = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/

/** Whether `text` can name a peer or a cluster. */
export const isName = (text: unknown): text is string => typeof text === "string" && namePattern.test(text)

/** Whether `text` is `host:port` with a port from 1 to 65535. */
export const isAddress = (text: unknown): text is string => {
  const port = typeof text === "string" ? addressPattern.exec(text)?.[2] : undefined
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
}

/** Founders fewer than the replicas asked for: allowed for tinkering, and said so wherever status is shown. */
export const isUnprotected = (genesis: Genesis): boolean => genesis.founders.length < genesis.replicas

/**
 * Reads a genesis file's JSON.
 *
 * @returns the genesis, or one line that says what is wrong and where (never both).
 */
export const parseGenesis = (text: string): Genesis | { readonly problem: string } => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: "it is not JSON" }
  }
  const problem = whyNotGenesis(value)
  return problem === undefined ? (value as Genesis) : { problem }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isIntegerIn = (value: unknown, low: number, high: number): value is number =>
  Number.isInteger(value) && (value as number) >= low && (value as number) <= high

const whyNotGenesis = (value: unknown): string | undefined => {
  if (!isRecord(value)) return "it is not an object"
  if (value["version"] !== 1) return `version must be 1, not ${JSON.stringify(value["version"])}`
  if (!isName(value["cluster"])) return "cluster must be 1 to 64 characters of A-Z a-z 0-9 . _ -"
  const noCells = typeof value["cells"] === "number" ? whyNotCells(value["cells"]) : "cells must be a number"
  if (noCells !== undefined) return noCells
  const replicas = value["replicas"]
  if (!isIntegerIn(replicas, 1, 9) || replicas % 2 === 0) return "replicas must be 1, 3, 5, 7 or 9"
  if (!isIntegerIn(value["successors"], Math.max(1, replicas - 1), 16)) {
    return `successors must be a whole number from ${Math.max(1, replicas - 1)} (replicas - 1) to 16`
  }
  const mode = value["mode"]
  if (mode !== undefined && mode !== "stateless" && mode !== "replay") {
    return `mode must be stateless or replay, not ${JSON.stringify(mode)}`
  }
  const hash = value["hash"]
  if (!Array.isArray(hash) || hash.length === 0 || hash.some((name) => !HASH_NAMES.includes(name))) {
    return `hash must be a list of one or more of ${HASH_NAMES.join(", ")}`
  }
  if (typeof value["secret"] !== "string" || !/^[0-9a-f]{64}$/.test(value["secret"])) {
    return "secret must be 64 lower-case hexadecimal digits"
  }
  const founders = value["founders"]
  if (!Array.isArray(founders) || founders.length === 0) return "founders must be a list of at least one peer"
  return whyNotFounders(founders)
}

const whyNotFounders = (founders: ReadonlyArray<unknown>): string | undefined => {
  const names = new Set<string>()
  let previous = ""
  for (const [index, founder] of founders.entries()) {
    const where = `founders[${index}]`
    if (!isRecord(founder)) return `${where} is not an object`
    if (!isRingId(founder["id"])) return `${where}.id must be 40 lower-case hexadecimal digits`
    if (!isIntegerIn(founder["incarnation"], 1, 2 ** 32 - 1)) return `${where}.incarnation must be 1 or more`
    if (!isName(founder["name"])) return `${where}.name must be 1 to 64 characters of A-Z a-z 0-9 . _ -`
    if (!isAddress(founder["ring"])) return `${where}.ring must be host:port`
    if (!isAddress(founder["http"])) return `${where}.http must be host:port`
    if (founder["id"] <= previous) return `${where}: founders must be in increasing order of id, each once`
    if (names.has(founder["name"])) return `${where}: two founders are named ${founder["name"]}`
    previous = founder["id"]
    names.add(founder["name"])
  }
  return undefined
}
