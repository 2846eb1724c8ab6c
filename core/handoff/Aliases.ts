/** A cookie as one of the two sides holds it, with its quotes if it has any. */
interface Alias {
  readonly client: string
  readonly instance: string
}

/**
 * The aliases of one cookie by either side's value, without quotes; the ones used last are last. Two values of the
 * client may stand for one of the instance: then it is shown the one it was given last.
 */
interface CookieAliases {
  readonly byClient: Map<string, Alias>
  readonly byInstance: Map<string, Alias>
}

/**
 * So many values of one cookie have an alias at most; beyond that the one unused for longest is forgotten. A client
 * holds a value for each of its browsers; only a service that sets another value with every answer comes near it.
 */
const MOST = 64

/**
 * The cookies of one session on one service instance. A value that a service draws by lot differs when the request
 * that made it is replayed on another instance: the client keeps the one it was given first, the instance is shown its own. A
 * cookie that was never learned passes as it is.
 */
export class Aliases {
  private readonly cookies = new Map<string, CookieAliases>()

  /** There are none: every header passes as it is. */
  get empty(): boolean {
    return this.cookies.size === 0
  }

  /**
   * Learns from an answer and its replay.
   *
   * @param journaled values of the answer's Set-Cookie fields, in order: the client's side
   * @param replayed those of the replayed answer: the instance's side
   */
  learn(journaled: ReadonlyArray<string>, replayed: ReadonlyArray<string>): void {
    const used = new Set<number>()
    for (const field of journaled) {
      const client = parse(field)
      // The same name may be set for several paths: the first is paired with the first, the second with the second.
      const index = replayed.findIndex((other, i) => !used.has(i) && parse(other).name === client.name)
      if (index < 0) continue
      used.add(index)
      this.pair(client.name, client.value, parse(replayed[index] ?? "").value)
    }
  }

  /** The value of a Cookie field as the instance is to see it. */
  toInstance(cookieHeader: string): string {
    if (this.empty) return cookieHeader
    return cookieHeader
      .split(";")
      .map((piece) => {
        const { name, value, start } = parse(piece)
        const aliases = this.cookies.get(name)
        const alias = aliases?.byClient.get(bare(value))
        if (aliases === undefined || alias === undefined) return piece
        use(aliases, alias)
        return piece.slice(0, start) + alias.instance + piece.slice(start + value.length)
      })
      .join(";")
  }

  /** The value of a Set-Cookie field of the instance as the client is to see it: what it holds already, where it can. */
  toClient(setCookieValue: string): string {
    if (this.empty) return setCookieValue
    const { name, value, start } = parse(setCookieValue)
    const aliases = this.cookies.get(name)
    if (aliases === undefined) return setCookieValue
    const alias = aliases.byInstance.get(bare(value))
    if (alias === undefined) {
      // The client is about to hold this very value, and means by it what the instance means.
      drop(aliases, aliases.byClient.get(bare(value)))
      return setCookieValue
    }
    this.pair(name, alias.client, value)
    return setCookieValue.slice(0, start) + alias.client + setCookieValue.slice(start + value.length)
  }

  private pair(name: string, client: string, instance: string): void {
    let aliases = this.cookies.get(name)
    if (aliases === undefined) {
      if (client === instance) return
      aliases = { byClient: new Map(), byInstance: new Map() }
      this.cookies.set(name, aliases)
    }
    drop(aliases, aliases.byClient.get(bare(client)))
    // An empty value is none: the cookie is being deleted.
    if (client !== instance && client !== "" && instance !== "") use(aliases, { client, instance })
    else if (aliases.byClient.size === 0) this.cookies.delete(name)
    if (aliases.byClient.size > MOST) {
      for (const oldest of aliases.byClient.values()) {
        drop(aliases, oldest)
        break
      }
    }
  }
}

const use = ({ byClient, byInstance }: CookieAliases, alias: Alias): void => {
  byClient.delete(bare(alias.client))
  byClient.set(bare(alias.client), alias)
  byInstance.set(bare(alias.instance), alias)
}

const drop = ({ byClient, byInstance }: CookieAliases, alias: Alias | undefined): void => {
  if (alias === undefined) return
  byClient.delete(bare(alias.client))
  if (byInstance.get(bare(alias.instance)) === alias) byInstance.delete(bare(alias.instance))
}

/** `name=value` before the first semicolon; a piece without `=` is all value (RFC 6265bis section 5.6). */
const parse = (text: string): { readonly name: string; readonly value: string; readonly start: number } => {
  const semicolon = text.indexOf(";")
  const end = semicolon < 0 ? text.length : semicolon
  const equals = text.indexOf("=")
  const named = equals >= 0 && equals < end
  const raw = text.slice(named ? equals + 1 : 0, end)
  // Not trim(): it takes the byte 0xa0 for a space, which here is part of the value.
  const value = raw.replaceAll(/^[ \t]+|[ \t]+$/g, "")
  return {
    name: named ? text.slice(0, equals).trim() : "",
    value,
    start: (named ? equals + 1 : 0) + raw.indexOf(value),
  }
}

/** A value without the quotes around it, which some clients leave out (RFC 6265 section 4.1.1). */
const bare = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value

/** The name of the cookie that a Set-Cookie value sets. */
export const cookieName = (setCookieValue: string): string => parse(setCookieValue).name
