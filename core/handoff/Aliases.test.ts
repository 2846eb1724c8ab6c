import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Aliases } from "./Aliases.ts"

const name = fc.constantFrom("sid", "lang", "a.b")
const value = fc.stringMatching(/^[a-f0-9]{1,3}$/)
const quoted = fc.oneof(
  value,
  value.map((text) => `"${text}"`),
)
const bare = (text: string): string => text.replaceAll('"', "")

/** A cookie as the service sets it, and what a client then sends. */
const sent = (setCookie: string): string => setCookie.split(";")[0] ?? ""

describe("properties", () => {
  test("until something is learned every header passes byte for byte", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const aliases = new Aliases()
        aliases.learn([`sid=1`], [`sid=1; Path=/`])
        expect([aliases.empty, aliases.toInstance(header), aliases.toClient(header)]).toEqual([
          true,
          header,
          header,
        ])
      }),
    )
  })

  test("the instance gets back what it set last, whatever the client was told it is", () => {
    const step = fc.record({ name, journaled: quoted, instance: quoted, live: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const aliases = new Aliases()
        const jar = new Map<string, string>()
        const own = new Map<string, string>()
        for (const { instance, journaled, live, name: cookie } of steps) {
          const set = `${cookie}=${instance}; Path=/; HttpOnly`
          let told = `${cookie}=${journaled}; Path=/; HttpOnly`
          if (live) told = aliases.toClient(set)
          else aliases.learn([told], [set])
          expect(told.endsWith("; Path=/; HttpOnly")).toBe(true)
          jar.set(cookie, sent(told))
          own.set(cookie, sent(set))
          const header = aliases.toInstance(`x=1; ${[...jar.values()].join("; ")}`)
          expect(bare(header)).toBe(bare(`x=1; ${[...own.values()].join("; ")}`))
        }
      }),
    )
  })

  test("when the instance sets again what it set before, the client keeps its cookie", () => {
    fc.assert(
      fc.property(name, quoted, quoted, (cookie, client, instance) => {
        const aliases = new Aliases()
        aliases.learn([`${cookie}=${client}`], [`${cookie}=${instance}`])
        expect(aliases.toClient(`${cookie}=${instance}; Secure`)).toBe(`${cookie}=${client}; Secure`)
      }),
    )
  })
})

const learned = (...pairs: ReadonlyArray<readonly [client: string, instance: string]>): Aliases => {
  const aliases = new Aliases()
  for (const [client, instance] of pairs) aliases.learn([client], [instance])
  return aliases
}

test("several cookies, in one field, in odd spacing; others are left as they are", () => {
  const aliases = new Aliases()
  aliases.learn(["a=1; Path=/", "b=2", "c=3"], ["b=20; Path=/", "a=10", "c=3"])
  expect(aliases.toInstance("a=1;b=2 ;  c=3; d=1; a; =1; x=a=1")).toBe("a=10;b=20 ;  c=3; d=1; a; =1; x=a=1")
})

test("the same cookie for two paths", () => {
  const aliases = new Aliases()
  aliases.learn(["s=1; Path=/", "s=2; Path=/shop"], ["s=8; Path=/", "s=9; Path=/shop"])
  expect(aliases.toInstance("s=2; s=1")).toBe("s=9; s=8")
})

test("an older value of the client's, held by another of its browsers, still leads to its own", () => {
  const aliases = learned(["s=1", "s=10"], ["s=2", "s=20"])
  expect([aliases.toInstance("s=1"), aliases.toInstance("s=2")]).toEqual(["s=10", "s=20"])
})

test("a value that the instance gives out itself means what the instance means by it", () => {
  const aliases = learned(["n=5", "n=7"])
  expect(aliases.toClient("n=5; Path=/")).toBe("n=5; Path=/")
  expect(aliases.toInstance("n=5")).toBe("n=5")
})

test("a deleted cookie gets no alias and passes both ways", () => {
  const aliases = learned(["s=1", "s=10"], ["s=; Max-Age=0", "s=; Max-Age=0"])
  expect(aliases.toClient("s=; Max-Age=0")).toBe("s=; Max-Age=0")
  expect(aliases.toInstance("s=")).toBe("s=")
  expect(learned(["s=1", "s="]).empty).toBe(true)
})

test("quotes belong to the cookie of the side that set it", () => {
  const aliases = learned(['s="1"', "s=10"])
  expect([aliases.toInstance('s="1"'), aliases.toInstance("s=1")]).toEqual(["s=10", "s=10"])
  expect(aliases.toClient('s="10"')).toBe('s="1"')
  expect(aliases.toInstance("s=1")).toBe('s="10"')
})

test("a service that sets another value each time does not make the table grow without end", () => {
  const aliases = learned(["keep=1", "keep=2"])
  for (let i = 0; i < 1_000; i++) {
    aliases.learn([`s=c${i}`], [`s=i${i}`])
    aliases.toInstance("s=c0")
  }
  const known = Array.from({ length: 1_000 }, (_, i) => `s=c${i}`).filter(
    (one) => aliases.toInstance(one) !== one,
  )
  expect(known).toHaveLength(64)
  expect([known[0], known.at(-1), aliases.toInstance("keep=1")]).toEqual(["s=c0", "s=c999", "keep=2"])
})
