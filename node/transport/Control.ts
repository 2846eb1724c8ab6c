import { type DecodeProblem, Reader } from "../../core/codec/Reader.ts"
import { Writer } from "../../core/codec/Writer.ts"

/**
 * What the two ends of a connection say about the connection itself. Told from messages by their first byte.
 *
 * - `Goodbye`: I close this connection, and this is why. A connection that ends without one has ended by accident.
 * - `Probe`: do you still read this? Answered by `Echo`.
 */
export type Control =
  | { readonly type: "Goodbye"; readonly code: GoodbyeCode; readonly text: string }
  | { readonly type: "Probe" }
  | { readonly type: "Echo" }

const codes = {
  /** Not needed any more. */
  Done: 1,
  /** The process ends. */
  Stopping: 2,
  /** Another connection has taken its place. */
  Replaced: 3,
  /** The other side broke the protocol. */
  Protocol: 4,
  /** The other side does not read, or did not answer in time. */
  Stalled: 5,
  Other: 255,
} as const

export type GoodbyeCode = keyof typeof codes

/** First byte of these frames; no message has it (core/codec/Codec.ts). */
export const CONTROL = 0

const Kind = { Goodbye: 1, Probe: 2, Echo: 3 } as const

/** The bytes of a control frame, without frame header. */
export const encodeControl = (control: Control): Uint8Array => {
  const writer = new Writer(64)
  writer.byte(CONTROL)
  writer.byte(Kind[control.type])
  if (control.type === "Goodbye") {
    writer.byte(codes[control.code])
    writer.text(control.text.slice(0, 250))
  }
  return writer.copy()
}

/** The control frame whose bytes are `bytes[start]` to `bytes[end - 1]`, or why there is none. Total. */
export const decodeControl = (bytes: Uint8Array, start: number, end: number): Control | DecodeProblem => {
  const reader = new Reader(bytes, start, end)
  const first = reader.byte("type")
  const kind = reader.byte("kind")
  if (first !== CONTROL || kind < Kind.Goodbye || kind > Kind.Echo) reader.fail("kind: must be 1 to 3")
  const control: Control =
    kind === Kind.Goodbye ? readGoodbye(reader) : { type: kind === Kind.Probe ? "Probe" : "Echo" }
  return reader.finish() ?? control
}

const readGoodbye = (reader: Reader): Control => {
  const code = reader.byte("code")
  const name = (Object.keys(codes) as Array<GoodbyeCode>).find((one) => codes[one] === code)
  return { type: "Goodbye", code: name ?? "Other", text: reader.text("text") }
}
