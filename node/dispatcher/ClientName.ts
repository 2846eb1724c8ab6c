import { AUTHORIZATION, COOKIE } from "../http/FieldKind.ts"
import { valuesNamed, valuesOf } from "../http/FieldLines.ts"
import { textOf } from "../http/FieldText.ts"
import { type HttpProblem, problem } from "../http/HttpProblem.ts"
import type { RequestHead } from "../http/RequestHead.ts"
import { whyNotClient } from "../ingress/PeerHeaders.ts"
import type { ClientSource } from "./DispatchOptions.ts"
import { freshName } from "./FreshName.ts"
import { COOKIE_NAME, cookieValue, type NameCookie } from "./NameCookie.ts"

/** Who a request comes from. A name only chooses a place; it authorises nothing. */
export interface ClientName {
  readonly ok: true
  readonly name: string
  /** The client has no name yet: this one was drawn for it, to be kept in a cookie if it begins a session. */
  readonly fresh: boolean
}

/** What one source says: nothing, a name, or why what it says is none. */
type Found = string | HttpProblem | undefined

/** Finds the name of the client that sent a request, in the first of `sources` that yields one. */
export const makeClientNamer = (
  sources: ReadonlyArray<ClientSource>,
  cookie: NameCookie,
): ((head: RequestHead, remote: string) => ClientName | HttpProblem) => {
  const finders = sources.map((source) => finder(source, cookie))
  const usesCookie = sources.some((source) => source.kind === "cookie")
  const described = sources.map(describe).join(", ")
  return (head, remote) => {
    for (const find of finders) {
      const found = find(head, remote)
      if (found === undefined) continue
      if (typeof found !== "string") return found
      const reason = whyNotClient(found)
      return reason === undefined
        ? { ok: true, name: found, fresh: false }
        : problem(400, "client-name", reason)
    }
    if (usesCookie) return { ok: true, name: freshName(), fresh: true }
    return problem(400, "client-name", `the request does not say who the client is; send ${described}`)
  }
}

const describe = (source: ClientSource): string => {
  switch (source.kind) {
    case "header":
      return `the header ${source.header}`
    case "basic":
      return "basic credentials"
    case "cookie":
      return `the cookie ${COOKIE_NAME}`
    case "address":
      return "an address"
  }
}

const finder = (source: ClientSource, cookie: NameCookie): ((head: RequestHead, remote: string) => Found) => {
  switch (source.kind) {
    case "header": {
      const name = source.header.toLowerCase()
      return (head) => fromHeader(head, name)
    }
    case "cookie":
      return (head) => {
        for (const header of valuesOf(head, COOKIE)) {
          const value = cookieValue(header, COOKIE_NAME)
          if (value !== undefined) return cookie.read(value)
        }
        return undefined
      }
    case "basic":
      return fromCredentials
    case "address":
      return (_, remote) => remote
  }
}

const fromHeader = (head: RequestHead, name: string): Found => {
  const [value, second] = valuesNamed(head, name)
  // Two programs might take a different one of them.
  if (second !== undefined)
    return problem(400, "client-name", `the header ${name} is sent twice; send it once`)
  return value === undefined ? undefined : textOf(value)
}

/** The user of `Authorization: Basic base64(USER:PASSWORD)` (RFC 7617). */
const fromCredentials = (head: RequestHead): Found => {
  const [value] = valuesOf(head, AUTHORIZATION)
  const encoded = value === undefined ? undefined : /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(value)?.[1]
  if (encoded === undefined) return undefined
  const credentials = Buffer.from(encoded, "base64").toString("latin1")
  const colon = credentials.indexOf(":")
  return colon < 0 ? undefined : textOf(credentials.slice(0, colon))
}
