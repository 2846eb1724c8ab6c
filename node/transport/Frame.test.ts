import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { FRAME_LIMIT, FrameParser, frameOf } from "./Frame.ts"

const bodyOf = ({ bytes, end, start }: FrameParser): string =>
  Buffer.from(bytes.subarray(start, end)).toString("hex")

const drain = (parser: FrameParser): ReadonlyArray<string> => {
  const found: Array<string> = []
  while (parser.next() === "frame") found.push(bodyOf(parser))
  return found
}

/** `bytes` cut at the places that `cuts` name, in any order, repeated or beyond the end as they may be. */
const cutAt = (bytes: Uint8Array, cuts: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return places.slice(1).map((place, i) => bytes.slice(places[i], place))
}

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 })

test("however a stream is cut in chunks, the frames are the same", () => {
  fc.assert(
    fc.property(bodies, fc.array(fc.nat()), (list, cuts) => {
      const parser = new FrameParser()
      const found = cutAt(Buffer.concat(list.map(frameOf)), cuts).flatMap((chunk) => {
        parser.push(chunk)
        return drain(parser)
      })
      expect(found).toEqual(list.map((body) => Buffer.from(body).toString("hex")))
    }),
  )
})

test("a chunk that comes while frames of the last one are unread goes behind them", () => {
  fc.assert(
    fc.property(bodies, fc.array(fc.nat()), (list, cuts) => {
      const parser = new FrameParser()
      for (const chunk of cutAt(Buffer.concat(list.map(frameOf)), cuts)) parser.push(chunk)
      expect(drain(parser)).toEqual(list.map((body) => Buffer.from(body).toString("hex")))
    }),
  )
})

test("chunks may come in one buffer over and over, if what is unread is kept before the next", () => {
  fc.assert(
    fc.property(bodies, fc.array(fc.nat()), fc.array(fc.nat(3)), (list, cuts, reads) => {
      const parser = new FrameParser()
      const found: Array<string> = []
      const buffer = Buffer.alloc(4_096)
      for (const [i, chunk] of cutAt(Buffer.concat(list.map(frameOf)), cuts).entries()) {
        buffer.set(chunk)
        parser.push(buffer.subarray(0, chunk.length))
        for (let left = reads[i] ?? 0; left > 0 && parser.next() === "frame"; left--)
          found.push(bodyOf(parser))
        parser.keep()
        buffer.fill(0xee)
      }
      expect([...found, ...drain(parser)]).toEqual(list.map((body) => Buffer.from(body).toString("hex")))
    }),
  )
})

test("a frame of 1 MiB byte by byte takes time in proportion", () => {
  const parser = new FrameParser()
  const frame = frameOf(new Uint8Array(FRAME_LIMIT).fill(7))
  for (let at = 0; at < frame.length - 1; at++) {
    parser.push(frame.subarray(at, at + 1))
    if (parser.next() !== "more") throw new Error(`a frame after ${at + 1} bytes`)
  }
  parser.push(frame.subarray(-1))
  expect(parser.next()).toBe("frame")
  expect(parser.end - parser.start).toBe(FRAME_LIMIT)
})

describe("lengths that no frame has", () => {
  test.each([
    ["0", [0, 0, 0, 0], /empty/],
    ["one above the limit", [0, 64, 0, 1], /4194305 bytes/],
    ["what begins an HTTP request", [...Buffer.from("GET / HTTP/1.1")], /1195725856 bytes/],
    ["2^32 - 1", [255, 255, 255, 255], /4294967295 bytes/],
  ])("%s", (_, bytes, words) => {
    for (const cut of [0, 1, 3]) {
      const parser = new FrameParser()
      for (const chunk of cutAt(Uint8Array.from(bytes), [cut])) {
        parser.push(chunk)
        parser.next()
      }
      expect(parser.next()).toBe("broken")
      expect(parser.problem).toMatch(words)
      parser.push(frameOf(Uint8Array.of(1)))
      expect(parser.next()).toBe("broken")
    }
  })

  test("the limit can be raised for what follows", () => {
    const parser = new FrameParser(2)
    parser.push(Buffer.concat([frameOf(Uint8Array.of(1, 2)), frameOf(Uint8Array.of(1, 2, 3))]))
    expect(parser.next()).toBe("frame")
    parser.limit = 3
    expect(parser.next()).toBe("frame")
  })
})
