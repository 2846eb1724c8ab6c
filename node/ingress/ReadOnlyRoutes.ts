/**
 * Routes of the service that change nothing, as the operator declares them: requests there are answered in their
 * session's order but not journaled, so a replay leaves them out.
 */
export interface ReadOnlyRoute {
  /** GET and HEAD unless the pattern names one. */
  readonly methods: ReadonlyArray<string>
  readonly path: string
  /** The pattern ends in `*`: every path that begins with `path`. */
  readonly prefix: boolean
}

const SAFE: ReadonlyArray<string> = ["GET", "HEAD"]

/**
 * Reads a pattern: `/path`, `/path*`, `METHOD /path` or `METHOD /path*`. Paths are compared as they are sent, without
 * the query.
 *
 * @returns the route, or one line that says what is wrong with the pattern and what would be right.
 */
export const parseReadOnlyRoute = (pattern: string): ReadOnlyRoute | { readonly problem: string } => {
  const wrong = (what: string): { readonly problem: string } => ({
    problem: `${JSON.stringify(pattern)} is no route: ${what}, for example /assets/* or "POST /search"`,
  })
  const [, method, path] = /^(?:([^ ]*) +)?([^ ]*)$/.exec(pattern.trim()) ?? []
  if (path === undefined) return wrong("give a path, or a method, a space and a path")
  if (method !== undefined && !/^[A-Z]{1,32}$/.test(method)) return wrong("a method is capital letters")
  if (!path.startsWith("/")) return wrong("a path begins with /")
  const prefix = path.endsWith("*")
  const stem = prefix ? path.slice(0, -1) : path
  if (stem.includes("*")) return wrong("* stands once, at the end")
  // A fragment never reaches a server, and the query is left out of the comparison.
  if (/[?#]/.test(stem)) return wrong("leave out ? and # and what follows")
  if (!/^[\x21-\x7e]+$/.test(stem)) return wrong("percent-encode what is not visible ASCII, as in a request")
  if (!isPlain(stem)) return wrong("a path with empty, . or .. segments or a backslash is never read-only")
  return { methods: method === undefined ? SAFE : [method], path: stem, prefix }
}

/** Whether a request with this method and path (without a query) changes nothing, as far as `routes` say. */
export const isReadOnly = (routes: ReadonlyArray<ReadOnlyRoute>, method: string, path: string): boolean =>
  routes.some(
    (route) =>
      route.methods.includes(method) && (route.prefix ? path.startsWith(route.path) : path === route.path),
  ) && isPlain(path)

/**
 * Whether every service reads the path as the same place. `/assets/../cart` begins with `/assets/` but many serve it
 * as `/cart`; to journal too much is always right, too little never.
 */
const isPlain = (path: string): boolean =>
  !/%2f|%5c|\\|\/\//i.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path.replaceAll(/%2e/gi, "."))
