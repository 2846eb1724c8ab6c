/** The reason phrases of the statuses that Ringstead itself answers with (RFC 9110 section 15). */
const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
}

/** An answer that comes from Ringstead and not from the service: one line of text that says what is the matter. */
export interface LocalAnswer {
  readonly status: number
  /** Status line and fields, each ending in CR LF, without the blank line. */
  readonly head: string
  readonly body: string
}

/**
 * @param code short and stable, sent as `Ringstead-Status`.
 * @param reason one line in plain words.
 * @param lines further field lines, each ending in CR LF.
 */
export const localAnswer = (status: number, code: string, reason: string, lines = ""): LocalAnswer => {
  // What is quoted in a reason may come from anywhere, and the head and body of an answer are written as latin1.
  const body = `${reason.replaceAll(/[^\x20-\x7e]/g, "?")}\n`
  return {
    status,
    head:
      `HTTP/1.1 ${status} ${PHRASES[status] ?? "Error"}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${body.length}\r\nRingstead-Status: ${code}\r\n${lines}`,
    body,
  }
}
