import { createHmac, timingSafeEqual } from "node:crypto"

/** The cookie that carries a client's name: `ringstead=NAME.MAC`, both base64url. */
export const COOKIE_NAME = "ringstead"

/** Verified cookies remembered: a MAC costs several times as much as all else that is done for a request. */
const REMEMBERED = 10_000

/** Writes and reads name cookies. The key is the cluster's, so that every dispatcher accepts every other's cookies. */
export class NameCookie {
  private readonly key: Buffer
  private readonly verified = new Map<string, string>()

  /** @param secret 64 hexadecimal digits (genesis). */
  constructor(secret: string) {
    this.key = Buffer.from(secret, "hex")
  }

  /** The line `Set-Cookie: ...` that gives a client its name. */
  setLine(name: string): string {
    const value = `${Buffer.from(name).toString("base64url")}.${this.mac(name).toString("base64url")}`
    return `Set-Cookie: ${COOKIE_NAME}=${value}; Path=/; HttpOnly; SameSite=Lax\r\n`
  }

  /** The name in a cookie's value, or undefined when it is not one of ours. */
  read(value: string): string | undefined {
    const known = this.verified.get(value)
    if (known !== undefined) return known
    const [encoded, mac, more] = value.split(".")
    if (encoded === undefined || mac === undefined || more !== undefined) return undefined
    const name = Buffer.from(encoded, "base64url").toString()
    const given = Buffer.from(mac, "base64url")
    const expected = this.mac(name)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    if (this.verified.size >= REMEMBERED) this.forgetOldest()
    this.verified.set(value, name)
    return name
  }

  private mac(name: string): Buffer {
    return createHmac("sha256", this.key).update(name).digest()
  }

  private forgetOldest(): void {
    for (const oldest of this.verified.keys()) {
      this.verified.delete(oldest)
      return
    }
  }
}

/** The value of the first cookie called `name` in a `Cookie` header, or undefined. */
export const cookieValue = (header: string, name: string): string | undefined => {
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=")
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

/** A `Cookie` header without the cookies called `name`; "" when none is left. */
export const withoutCookie = (header: string, name: string): string =>
  header
    .split(";")
    .filter((pair) => pair.split("=", 1)[0]?.trim() !== name && pair.trim() !== "")
    .join(";")
    .trim()
