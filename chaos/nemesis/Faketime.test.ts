import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { execa } from "execa"
import { expect, test } from "vitest"
import { faketime } from "./Faketime.ts"

test("where the library is missing a skewed clock is told to be unavailable, where it is it is found", () => {
  const root = mkdtempSync(join(tmpdir(), "ringstead-faketime-"))
  try {
    expect(faketime([root, join(root, "nowhere")]).unavailable).toBe("libfaketime is not installed")
    const directory = join(root, "some-architecture", "faketime")
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, "libfaketime.so.1"), "")
    expect(faketime([root]).unavailable).toBe(undefined)
    expect(faketime([root]).environment(-3_600_000)).toEqual({
      LD_PRELOAD: join(directory, "libfaketime.so.1"),
      FAKETIME: "-3600",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    })
    expect(faketime([root]).environment(250)).toMatchObject({ FAKETIME: "+0.25" })
  } finally {
    rmSync(root, { recursive: true })
  }
})

test.skipIf(faketime().unavailable !== undefined)(
  "a process believes that it is an hour earlier, and its monotonic clock is everybody's",
  async () => {
    const code = "console.log(Date.now(), Number(process.hrtime.bigint()))"
    const before = Number(process.hrtime.bigint())
    const { stdout } = await execa(process.execPath, ["-e", code], {
      env: faketime().environment(-3_600_000),
    })
    const [date = 0, monotonic = 0] = stdout.split(" ").map(Number)
    expect(Math.abs(Date.now() - 3_600_000 - date)).toBeLessThan(60_000)
    expect(monotonic).toBeGreaterThan(before)
    expect(monotonic).toBeLessThan(Number(process.hrtime.bigint()))
  },
)
