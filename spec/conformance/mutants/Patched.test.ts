import { expect, test } from "vitest"
import { patched } from "./Patched.ts"

const patch = { file: "core/a/B.ts", find: "x > 1", replace: "$& < 1" }

const loaded = (url: string, source: string | Uint8Array | null) =>
  patched([patch]).load(url, {}, () => ({ format: "module", source }))

test("a text is replaced as it stands, in its own file, as text or as bytes", () => {
  const after = { format: "module", source: "if ($& < 1) y" }
  expect(loaded("file:///r/core/a/B.ts", "if (x > 1) y")).toEqual(after)
  expect(loaded("file:///r/core/a/B.ts", new TextEncoder().encode("if (x > 1) y"))).toEqual(after)
})

test("other files are none of its business, nor is what has no source", () => {
  expect(loaded("file:///r/core/a/C.ts", "if (x > 1) y").source).toBe("if (x > 1) y")
  expect(loaded("file:///r/core/a/B.ts", null).source).toBeNull()
})

test("a patch that does not fit is no mutant", () => {
  expect(() => loaded("file:///r/core/a/B.ts", "if (x > 2) y")).toThrow(
    /^core\/a\/B\.ts does not hold "x > 1"/,
  )
})
