/** Bytes as golden files and failed tests show them. */
export const hex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")

export const fromHexText = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** What JSON makes of `value`; JSON has no bytes, so they are hexadecimal text. */
export const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? hex(inner) : inner)))
