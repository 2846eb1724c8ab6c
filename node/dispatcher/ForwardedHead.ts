import { COOKIE, FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO, RINGSTEAD } from "../http/FieldKind.ts"
import { valuesOf } from "../http/FieldLines.ts"
import { requestLines } from "../http/ProxyExchange.ts"
import type { RequestHead } from "../http/RequestHead.ts"
import { COOKIE_NAME, withoutCookie } from "./NameCookie.ts"

/**
 * The head of a client's request as it goes to a peer, without the blank line: without what concerns the client's
 * connection only, our cookie and whatever the client calls `Ringstead-*`; with `X-Forwarded-For` continued, and
 * `X-Forwarded-Proto` and `X-Forwarded-Host` set unless a proxy before us has set them.
 *
 * @param remote the client's address.
 * @param host what to name as Host when the client named none.
 */
export const forwardedHead = (head: RequestHead, bodyBytes: number, remote: string, host: string): string => {
  const { seen } = head
  let dropped = RINGSTEAD | (seen & FORWARDED_FOR)
  let cookies = ""
  if ((seen & COOKIE) !== 0) {
    const all = valuesOf(head, COOKIE)
    if (all.some((value) => value.includes(`${COOKIE_NAME}=`))) {
      dropped |= COOKIE
      cookies = all
        .map((value) => withoutCookie(value, COOKIE_NAME))
        .filter((value) => value !== "")
        .join("; ")
    }
  }
  let lines = requestLines(head, bodyBytes, dropped, host)
  if (cookies !== "") lines += `Cookie: ${cookies}\r\n`
  const before = (seen & FORWARDED_FOR) === 0 ? "" : `${valuesOf(head, FORWARDED_FOR).join(", ")}, `
  lines += `X-Forwarded-For: ${before}${remote}\r\n`
  if ((seen & FORWARDED_PROTO) === 0) lines += "X-Forwarded-Proto: http\r\n"
  if ((seen & FORWARDED_HOST) === 0 && head.host !== "") lines += `X-Forwarded-Host: ${head.host}\r\n`
  return lines
}
