import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { type SourceFile, violations } from "./Architecture.ts"

const root = import.meta.dirname
const rooms = ["core", "spec", "node", "chaos", "proofs"]
const read = (path: string): SourceFile => ({ path, text: readFileSync(join(root, path), "utf8") })

const exportsOf = (): ReadonlySet<string> => {
  const { exports } = JSON.parse(read("package.json").text) as { exports: Record<string, unknown> }
  const paths = JSON.stringify(Object.values(exports)).matchAll(/"\.\/([^"]+\.ts)"/g)
  return new Set([...paths].map(([, path = ""]) => path))
}

/** Whether the first comment of an effect module, its package documentation, says so. */
const isStable = (specifier: string): boolean => {
  const file = `node_modules/effect/src/${specifier.slice("effect/".length)}.ts`
  const [header = ""] = read(file).text.split("\nimport ")
  return /@stability stable\b/.test(header.slice(0, header.indexOf("\nexport ") >>> 0))
}

/** Every source file and document of the repository. */
const repository = (): ReadonlyArray<SourceFile> => {
  const listed = readdirSync(root, { withFileTypes: true })
  const inRooms = listed
    .filter((entry) => entry.isDirectory() && rooms.includes(entry.name))
    .flatMap(({ name }) =>
      readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map((path) => `${name}/${path}`),
    )
  const atTop = listed.filter((entry) => entry.isFile()).map((entry) => entry.name)
  return [...inRooms, ...atTop]
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => /\.(ts|md)$/.test(path) && !path.includes("node_modules/"))
    .filter((path) => !/^[Aa]rchitecture(\.test)?\.ts$/.test(path))
    .map(read)
}

// All source files are parsed, which takes seconds where others want the processor too.
test("the repository keeps its own rules", { timeout: 60_000 }, () => {
  const files = repository()
  expect(files.length).toBeGreaterThan(40)
  expect(violations(files, { exported: exportsOf(), isStable })).toEqual([])
})

test("modules of effect are stable by their own documentation", () => {
  expect(["effect/Effect", "effect/Queue", "effect/Schema"].map(isStable)).toEqual([true, true, true])
  expect(["effect/HashRing", "effect/cli/Command"].map(isStable)).toEqual([false, false])
})

/** What the rules say about these files of an imagined repository. */
const judge = (texts: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  violations(
    Object.entries(texts).map(([path, text]) => ({ path, text })),
    { exported: new Set(["core/index.ts"]), isStable: (specifier) => specifier === "effect/Queue" },
  )

test.each([
  ["core imports core", "core/a/B.ts", 'import { c } from "../c/C.ts"'],
  ["core imports stable modules of effect", "core/B.ts", 'import * as Queue from "effect/Queue"'],
  ["core imports the hashes", "core/B.ts", 'import { sha1 } from "@noble/hashes/legacy.js"'],
  ["tests of core may use Node", "core/B.test.ts", 'import { readFileSync } from "node:fs"\nDate.now()'],
  ["benches compare with anything", "core/B.bench.ts", 'import HashRing from "hashring"'],
  ["spec/conformance runs under the test runner", "spec/conformance/B.ts", 'import fc from "fast-check"'],
  ["spec/conformance imports core", "spec/conformance/B.ts", 'import { c } from "../../core/C.ts"'],
  [
    "node imports core and Node",
    "node/B.ts",
    'import "node:fs"\nimport { c } from "../core/C.ts"\nDate.now()',
  ],
  [
    "tests of node use the spec's helpers",
    "node/a/B.test.ts",
    'import { c } from "../../spec/conformance/C.ts"',
  ],
  [
    "the bench suites load benches",
    "node/bench/Suites.ts",
    'const load = () => import("../../core/B.bench.ts")',
  ],
  ["chaos imports spec and core", "chaos/B.ts", 'import "../spec/C.ts"\nimport "../core/C.ts"'],
  ["proofs import spec and core", "proofs/B.ts", 'import "../spec/C.ts"\nimport "../core/C.ts"'],
  [
    "a command of chaos speaks the words of commands",
    "chaos/B.ts",
    'import { defineCommand } from "../node/cli/CliCommand.ts"',
  ],
  [
    "the list of commands names a command of chaos",
    "node/cli/Commands.ts",
    'const load = () => import("../../chaos/run/RunCommand.ts")',
  ],
  ["node/check explores what spec describes", "node/check/B.ts", 'import { c } from "../../spec/C.ts"'],
  ["a name of one's own is not the global", "core/B.ts", "const f = (process: number) => process + 1"],
  ["a property is not the global", "core/B.ts", "const f = (x: { Date: number }) => x.Date"],
  ["what package.json exports passes things on", "core/index.ts", 'export * as C from "./C.ts"'],
  ["configuration exports a default", "vitest.config.ts", "export default {}"],
  ["tests use scratch paths", "node/B.test.ts", 'const path = "/tmp/x"'],
])("allowed: %s", (_, path, text) => {
  expect(judge({ [path]: text })).toEqual([])
})

test.each([
  ["core -> node", "core/B.ts", 'import { c } from "../node/C.ts"', "core may import from core only"],
  ["core -> spec", "core/B.ts", 'import type { C } from "../spec/C.ts"', "core may import from core only"],
  ["core -> Node", "core/B.ts", 'import { readFileSync } from "node:fs"', "effect and @noble/hashes only"],
  [
    "core -> Node, types only",
    "core/B.ts",
    'type S = import("node:net").Socket',
    "effect and @noble/hashes only",
  ],
  ["core -> Node, later", "core/B.ts", 'const fs = await import("node:fs")', "effect and @noble/hashes only"],
  ["core -> another package", "core/B.ts", 'import _ from "lodash"', "effect and @noble/hashes only"],
  ["core -> unstable effect", "core/B.ts", 'import * as H from "effect/HashRing"', "tagged stable"],
  ["spec -> core", "spec/B.ts", 'import { c } from "../core/C.ts"', "only spec/conformance/"],
  [
    "spec -> the test runner",
    "spec/B.ts",
    'import { expect } from "vitest"',
    "effect and @noble/hashes only",
  ],
  ["spec -> Node", "spec/conformance/B.ts", 'import "node:fs"', "effect and @noble/hashes only"],
  [
    "node -> spec",
    "node/B.ts",
    'import { c } from "../spec/conformance/C.ts"',
    "node may import from node, core",
  ],
  ["node -> chaos", "node/B.ts", 'export type { C } from "../chaos/C.ts"', "node may import from node, core"],
  ["tests of node -> spec", "node/B.test.ts", 'import "../spec/C.ts"', "node may import from node, core"],
  ["chaos -> node", "chaos/B.ts", 'import { c } from "../node/C.ts"', "chaos may import from"],
  ["chaos -> a command of node", "chaos/B.ts", 'import "../node/cli/Main.ts"', "chaos may import from"],
  [
    "the list of commands -> the rest of chaos",
    "node/cli/Commands.ts",
    'import "../../chaos/run/Run.ts"',
    "node may import from node, core",
  ],
  ["proofs -> chaos", "proofs/B.ts", 'import { c } from "../chaos/C.ts"', "proofs may import from"],
  ["code -> its tests", "core/B.ts", 'import { c } from "./C.samples.ts"', "imported by tests only"],
  ["the whole of effect", "node/B.ts", 'import { Effect } from "effect"', "takes long to load"],
  ["index.ts", "node/B.ts", 'import { c } from "../core/index.ts"', "import the file that declares it"],
  ["Date", "core/B.ts", "const now = Date.now()", "core/B.ts:1 uses Date"],
  ["Date as a type", "core/B.ts", "\nexport type At = Date", "core/B.ts:2 uses Date"],
  ["Date passed on", "core/B.ts", "let c\nc = Date", "core/B.ts:2 uses Date"],
  ["Math.random", "spec/B.ts", "const x = Math.random()", "spec/B.ts:1 uses Math.random"],
  ["Math.random by its name", "spec/B.ts", 'const x = Math["random"]()', "uses Math.random"],
  ["setTimeout", "core/B.ts", "setTimeout(() => {}, 1)", "uses setTimeout"],
  ["setInterval", "core/B.ts", "setInterval(() => {}, 1)", "uses setInterval"],
  ["setImmediate", "core/B.ts", "setImmediate(() => {})", "uses setImmediate"],
  ["queueMicrotask", "core/B.ts", "queueMicrotask(() => {})", "uses queueMicrotask"],
  ["performance", "spec/conformance/B.ts", "const t = performance.now()", "uses performance"],
  ["process", "core/B.ts", "const mode = process.env", "uses process"],
  ["crypto", "core/B.ts", "const id = crypto.randomUUID()", "uses crypto"],
  ["a global by way of globalThis", "core/B.ts", "const now = globalThis.Date.now()", "uses globalThis"],
  ["a default export", "node/B.ts", "export default 1", "node/B.ts:1 default export"],
  ["a barrel", "core/ring/All.ts", 'export * from "./RingId.ts"', "only files in package.json's exports"],
  [
    "a hidden index",
    "core/ring/index.ts",
    'export { a } from "./A.ts"',
    "only files in package.json's exports",
  ],
  ["utils", "node/utils/B.ts", "", "named after the one concept"],
  ["Helpers.ts", "core/Helpers.ts", "", "named after the one concept"],
  ["an issue's number", "README.md", "as asked for in issue 7", "README.md:1 names an issue"],
  ["an issue's number, marked", "core/B.ts", "// see #12", "core/B.ts:1 names an issue"],
  ["a path of one machine", "node/B.ts", 'const data = "/work/data"', "node/B.ts:1 names a path"],
  ["a scratch path", "README.md", "look into /tmp/ringstead", "README.md:1 names a path"],
])("refused: %s", (_, path, text, problem) => {
  expect(judge({ [path]: text }).join("\n")).toContain(problem)
})

test("refused: files that import each other in a circle, whatever its length", () => {
  const circle = { "core/A.ts": 'import "./b/B.ts"', "core/b/B.ts": 'import type { C } from "../C.ts"' }
  expect(judge({ ...circle, "core/C.ts": 'import { a } from "./A.ts"' })).toEqual([
    "cycle: core/A.ts -> core/b/B.ts -> core/C.ts -> core/A.ts",
  ])
  expect(judge({ ...circle, "core/C.ts": "" })).toEqual([])
})
