/**
 * Text in a field value: as it is when it is made of letters, digits and `-._~`, else its UTF-8 bytes
 * percent-encoded (as encodeURIComponent does). Any text can be carried, and every program reads the same.
 */
export const encodeText = (text: string): string =>
  /^[\w.~-]*$/.test(text) ? text : encodeURIComponent(text)

/** The text that {@link encodeText} wrote, or undefined when it cannot have written this. */
export const decodeText = (value: string): string | undefined => {
  if (/^[\w.~-]*$/.test(value)) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The text that a field value's bytes (one character a byte) spell in UTF-8, or in latin1 when they are not UTF-8. */
export const textOf = (value: string): string => {
  // oxlint-disable-next-line no-control-regex -- plain ASCII needs no decoding
  if (/^[\x00-\x7f]*$/.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, "latin1"))
  } catch {
    return value
  }
}
