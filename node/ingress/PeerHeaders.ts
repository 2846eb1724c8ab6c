import { isAddress } from "../../core/peer/Genesis.ts"
import { decodeText, encodeText } from "../http/FieldText.ts"

/**
 * What dispatchers and peers' ingresses say to one another in header fields, besides the request and the response:
 * - `Ringstead-Client: NAME` on every request: the client's name;
 * - `Ringstead-Request: ID` on every request in the mode replay: one and the same for all attempts at a request;
 * - `Ringstead-Peer: NAME` on every response: the peer that answered;
 * - `Ringstead-Status: CODE` on a response that is not the service's, with a one-line reason as its body;
 * - `Ringstead-Leader: NAME host:port` beside 421: whom the peer takes for the leader;
 * - `Ringstead-Entry: N` on a journaled response: its index in the journal of the client's cell.
 * Services neither see nor send them.
 */

/** Beside 421: not executed, another peer leads the client's cell. */
export const NOT_LEADER = "not-leader"

/** Beside 421: the peer took the request, and leads the client's cell no more; it may have been executed. */
export const LEADER_NO_MORE = "leader-no-more"

/** Beside 503: not executed, the peer's service instance does not run at present. */
export const NO_INSTANCE = "no-instance"

/** Longest client name, in bytes of UTF-8. */
export const NAME_BYTES = 256

/** Whom a dispatcher sends requests to: a peer's name and its HTTP ingress as the peer gives it. */
export interface Leader {
  readonly name: string
  /** `host:port`. */
  readonly http: string
}

/** The line `Ringstead-Client: NAME`. Names are written in UTF-8, percent-encoded where no plain token will do. */
export const clientLine = (name: string): string => `Ringstead-Client: ${encodeText(name)}\r\n`

/** The name in a `Ringstead-Client` value, or undefined when it holds none. */
export const readClient = (value: string): string | undefined => decodeText(value)

/** Longest Idempotency-Key, in characters. */
export const KEY_LENGTH = 200

const ORIGIN_AND_NUMBER = /^[0-9a-f]{32}-(?:0|[1-9][0-9]{0,15})$/
const KEY = /^key:[\x20-\x7e]{1,200}$/

/**
 * The line `Ringstead-Request: ID`. An id is either a dispatcher's, 32 hexadecimal digits of its origin and a number
 * (`5e5e...-17`), or the client's own: `key:` and the key, percent-encoded here, since a field value would lose the
 * spaces around it and two keys could become one.
 */
export const requestLine = (id: string): string =>
  `Ringstead-Request: ${id.startsWith("key:") ? `key:${encodeText(id.slice(4))}` : id}\r\n`

/** The id in a `Ringstead-Request` value, or undefined when it holds none. */
export const readRequest = (value: string): string | undefined => {
  if (ORIGIN_AND_NUMBER.test(value)) return value
  const key = value.startsWith("key:") ? decodeText(value.slice(4)) : undefined
  return key !== undefined && KEY.test(`key:${key}`) ? `key:${key}` : undefined
}

/** The line `Ringstead-Entry: N`. */
export const entryLine = (index: number): string => `Ringstead-Entry: ${index}\r\n`

export const leaderLine = (leader: Leader): string => `Ringstead-Leader: ${leader.name} ${leader.http}\r\n`

/** The leader in a `Ringstead-Leader` value, or undefined when it names none. */
export const readLeader = (value: string): Leader | undefined => {
  const [name, http, more] = value.split(" ")
  return name === undefined || name === "" || !isAddress(http) || more !== undefined
    ? undefined
    : { name, http }
}

/**
 * Why `name` is no client name, or undefined when it is one: 1 to 256 bytes of UTF-8, no control bytes
 * (0x00-0x1f, 0x7f).
 */
export const whyNotClient = (name: string): string | undefined => {
  if (name === "") return "the client name is empty; give one of 1 to 256 bytes"
  if (name.length > NAME_BYTES || Buffer.byteLength(name) > NAME_BYTES) {
    return `the client name is longer than ${NAME_BYTES} bytes; give a shorter one`
  }
  // oxlint-disable-next-line no-control-regex -- control bytes are what is looked for
  return /[\x00-\x1f\x7f]/.test(name)
    ? "the client name holds a control byte; use printable characters"
    : undefined
}
