/**
 * The bytes that HTTP/1.1 allows where (RFC 9110 section 5, RFC 9112 sections 2 to 5), as tables indexed by byte.
 * A parser that accepts exactly these cannot be made to read a message otherwise than its neighbour does.
 */

export const HTAB = 9
export const LF = 10
export const CR = 13
export const SP = 32
export const COLON = 58

const table = (allowed: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0))

/** Bytes of a token: methods and field names (RFC 9110 section 5.6.2). */
export const TOKEN = table((byte) => /^[A-Za-z0-9!#$%&'*+\-.^_`|~]$/.test(String.fromCharCode(byte)))

/** Bytes of a field value: tab, space, visible characters and obs-text (RFC 9110 section 5.5). */
export const VALUE = table((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f))

/** Bytes of a request target: visible ASCII but no `#` (a fragment is the client's own business). */
export const TARGET = table((byte) => byte > SP && byte < 0x7f && byte !== 0x23)

/** The value of a hexadecimal digit, 0xff for any other byte. */
export const HEX = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16)
  return Number.isNaN(digit) ? 0xff : digit
})

/** A method that may be repeated without a second effect (RFC 9110 section 9.2.2). */
export const isIdempotent = (method: string): boolean => {
  switch (method) {
    case "GET":
    case "HEAD":
    case "OPTIONS":
    case "TRACE":
    case "PUT":
    case "DELETE":
      return true
    default:
      return false
  }
}
