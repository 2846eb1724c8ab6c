import { existsSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { scratchDirectory } from "../testing/ScratchDirectory.ts"
import { makeDirectory } from "./MakeDirectory.ts"

test("it makes what is missing and says where it began", async () => {
  await using scratch = await scratchDirectory()
  const path = join(scratch.path, "a", "b", "c")
  expect(makeDirectory(path)).toBe(join(scratch.path, "a"))
  expect(statSync(path).isDirectory()).toBe(true)
  expect(makeDirectory(path)).toBeUndefined()
  expect(makeDirectory(join(scratch.path, "a", "d"))).toBe(join(scratch.path, "a", "d"))
})

test("what is in the way is an error", async () => {
  await using scratch = await scratchDirectory()
  const file = join(scratch.path, "file")
  writeFileSync(file, "")
  expect(() => makeDirectory(file)).toThrow("EEXIST")
  expect(() => makeDirectory(join(file, "a"))).toThrow("ENOTDIR")
})

test.skipIf(!existsSync("/proc/self"))("where nothing can be made, it ends", () => {
  expect(() => makeDirectory("/proc/ringstead/data")).toThrow("ENOENT")
  expect(() => makeDirectory("/proc/ringstead")).toThrow("ENOENT")
})
