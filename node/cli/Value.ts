import { isAddress, isName } from "../../core/peer/Genesis.ts"
import { DIGITS, fromHex, type RingId } from "../../core/ring/RingId.ts"

/**
 * Readers of the values written on a command line. Each takes the text as written and returns its meaning, or throws
 * a RangeError whose message says what is expected instead (the caller names the flag and quotes the text).
 */
export type Reader<A> = (text: string) => A

const expected = (what: string): RangeError => new RangeError(what)

/** Any text but none at all. */
export const text: Reader<string> = (written) => {
  if (written.trim() === "") throw expected("something, not nothing")
  return written
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A positive duration in ms, written `300ms`, `1.5s`, `2m` or `1h`; at most 24 days, which is as far as timers go. */
export const duration: Reader<number> = (written) => {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(written)
  const ms = Math.round(Number(match?.[1]) * (UNITS[match?.[2] ?? ""] ?? Number.NaN))
  if (!(ms >= 1 && ms < 2 ** 31)) throw expected("a duration such as 300ms, 5s or 2m")
  return ms
}

/** A duration in ms, or null for `never`. */
export const durationOrNever: Reader<number | null> = (written) => {
  if (written === "never") return null
  try {
    return duration(written)
  } catch {
    throw expected("a duration such as 300ms, 5s or 2m, or never")
  }
}

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
}

/** A number of bytes, written `4096`, `64KiB` or `1MiB`; at least one and at most 2 GiB, the longest buffer. */
export const bytes: Reader<number> = (written) => {
  const match = /^([0-9]+)(B|KiB|MiB|GiB)?$/.exec(written)
  const size = Number(match?.[1]) * (BYTES[match?.[2] ?? ""] ?? Number.NaN)
  if (!(size >= 1 && size <= 2 ** 31)) throw expected("a size such as 4096, 64KiB or 1MiB")
  return size
}

/** A whole number from `low` to `high`. */
export const count =
  (low: number, high: number): Reader<number> =>
  (written) => {
    const value = /^[0-9]{1,9}$/.test(written) ? Number(written) : Number.NaN
    if (!(value >= low && value <= high)) throw expected(`a whole number from ${low} to ${high}`)
    return value
  }

/** `host:port`. */
export const address: Reader<string> = (written) => {
  if (!isAddress(written)) throw expected("host:port with a port from 1 to 65535")
  return written
}

/** A list of `host:port`, separated by commas. */
export const addresses: Reader<ReadonlyArray<string>> = (written) => written.split(",").map(address)

/** The name of a cluster or a process. */
export const name: Reader<string> = (written) => {
  if (!isName(written)) throw expected("1 to 64 characters of A-Z a-z 0-9 . _ -")
  return written
}

/** A place on the ring: 1 to 40 hexadecimal digits, filled up with zeros, so that `8` is half-way round. */
export const place: Reader<RingId> = (written) => {
  if (!/^[0-9a-fA-F]{1,40}$/.test(written))
    throw expected("1 to 40 hexadecimal digits; 8 is half-way round the ring")
  return fromHex(written.toLowerCase().padEnd(DIGITS, "0"))
}

/** `NAME=host:port`. */
export const route: Reader<readonly [name: string, address: string]> = (written) => {
  const at = written.indexOf("=")
  const [peer, to] = [written.slice(0, Math.max(at, 0)), written.slice(at + 1)]
  if (!isName(peer) || !isAddress(to)) throw expected("NAME=host:port")
  return [peer, to]
}

/** One of `choices`. */
export const oneOf =
  <const A extends string>(choices: ReadonlyArray<A>): Reader<A> =>
  (written) => {
    const choice = choices.find((one) => one === written)
    if (choice === undefined)
      throw expected(choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(", ")}`)
    return choice
  }
