import { posix } from "node:path"
import { parseSync } from "rolldown/utils"

// The house rules that a linter does not know: who may depend on whom, and what the pure rooms may not touch. They are
// functions of source texts, so that architecture.test.ts can show each of them failing.

/** A file of the repository: its path from the root with "/" between the parts, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** What the rules need to know beside the files. */
export interface Surroundings {
  /** The paths that package.json exports; they alone may be called index.ts and pass on what others export. */
  readonly exported: ReadonlySet<string>
  /** Whether the documentation of a module of the effect package, for example "effect/Queue", tags it stable. */
  readonly isStable: (specifier: string) => boolean
}

/** The broken rules, one line each: where, what, and what to do instead. */
export const violations = (
  files: ReadonlyArray<SourceFile>,
  surroundings: Surroundings,
): ReadonlyArray<string> => {
  const modules = files.filter((file) => file.path.endsWith(".ts")).map(read)
  return [
    ...modules.flatMap((module) => [
      ...importProblems(module, surroundings),
      ...exportProblems(module, surroundings),
      ...purityProblems(module),
    ]),
    ...files.flatMap((file) => [...nameProblems(file), ...textProblems(file)]),
    ...cycleProblems(modules),
  ]
}

/** Which rooms a room may import from; everything else in the repository is none of its business. */
const allowed: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: ["core"],
  spec: ["spec"],
  node: ["node", "core"],
  chaos: ["chaos", "spec", "core"],
  proofs: ["proofs", "spec", "core"],
}

/** The words in which commands are written: rooms whose commands are part of the binary use them. */
const commandWords = new Set([
  "node/cli/CliCommand.ts",
  "node/cli/ExitCode.ts",
  "node/cli/Flag.ts",
  "node/cli/Refusal.ts",
  "node/cli/Value.ts",
  "node/ports/FreePorts.ts",
])

/**
 * Campaigns and proofs have commands of their own, which the list of all commands names, and nothing else in node. The
 * commands that explore and simulate what spec describes are node's: spec has no clock, no files and no threads.
 */
const isCommandLink = (path: string, target: string): boolean => {
  if (/^(chaos|proofs)\//.test(path)) return commandWords.has(target)
  if (path.startsWith("node/check/")) return target.startsWith("spec/")
  return path === "node/cli/Commands.ts" && /^(chaos|proofs)\/.*Command\.ts$/.test(target)
}

const impure = new Set([
  "Buffer",
  "Date",
  "Temporal",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "global",
  "globalThis",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
])

interface Module extends SourceFile {
  readonly room: string
  /** Tests, benches, and what only they use. */
  readonly isTest: boolean
  readonly imports: ReadonlyArray<string>
  readonly program: Node
}

/** A node of the syntax tree (ESTree with TypeScript's nodes). */
type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>

const testSupport = /\.(test|bench|samples|arbitrary)\.ts$|\/testing\/|\/Testbed\.ts$|^node\/demo\//

const read = (file: SourceFile): Module => {
  const { program, errors } = parseSync(file.path, file.text)
  if (errors.length > 0) throw new Error(`${file.path} cannot be parsed: ${errors[0]?.message}`)
  const root = program as unknown as Node
  const imports = new Set<string>()
  visit(root, (node) => {
    const source = node["source"] as Node | null | undefined
    if (typeof source?.["value"] === "string") imports.add(source["value"])
  })
  return {
    ...file,
    room: file.path.split("/")[0] ?? "",
    isTest: testSupport.test(file.path),
    imports: [...imports],
    program: root,
  }
}

const importProblems = (module: Module, { isStable }: Surroundings): ReadonlyArray<string> =>
  module.imports.flatMap((specifier) => {
    const problem = specifier.startsWith(".")
      ? localProblem(module, posix.join(posix.dirname(module.path), specifier))
      : packageProblem(module, specifier, isStable)
    return problem === undefined ? [] : [`${module.path} imports ${specifier}: ${problem}`]
  })

const localProblem = ({ path, room, isTest }: Module, target: string): string | undefined => {
  const rooms = allowed[room]
  if (posix.basename(target) === "index.ts") return "inside the repository import the file that declares it"
  if (rooms === undefined) return undefined
  const isConformance = path.startsWith("spec/conformance/")
  if (isTest ? target.startsWith("spec/conformance/") : isConformance && target.startsWith("core/"))
    return undefined
  if (isConformance && isTest && target.startsWith("core/")) return undefined
  if (!rooms.includes(target.split("/")[0] ?? "") && !isCommandLink(path, target)) {
    return room === "spec"
      ? "only spec/conformance/ may look at core"
      : `${room} may import from ${rooms.join(", ")} only`
  }
  const isLoader = path.startsWith("node/bench/") && target.endsWith(".bench.ts")
  if (testSupport.test(target) && !isTest && !isLoader)
    return "what is there for tests is imported by tests only"
  return undefined
}

const packageProblem = (
  { path, room, isTest }: Module,
  specifier: string,
  isStable: (specifier: string) => boolean,
): string | undefined => {
  if (["effect", "@effect/platform-node", "@noble/hashes"].includes(specifier)) {
    return "name the module, since the whole package takes long to load"
  }
  if (isTest || (room !== "core" && room !== "spec")) return undefined
  if (specifier.startsWith("effect/")) {
    return isStable(specifier)
      ? undefined
      : "core and spec use only those modules of effect that are tagged stable"
  }
  if (specifier.startsWith("@noble/hashes/")) return undefined
  // What compares core with its specification does so under the test runner.
  if (path.startsWith("spec/conformance/") && ["vitest", "fast-check"].includes(specifier)) return undefined
  return "core and spec import effect and @noble/hashes only"
}

const exportProblems = (module: Module, { exported }: Surroundings): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const isConfiguration = module.path.endsWith(".config.ts")
  visit(module.program, (node) => {
    const where = `${module.path}:${lineOf(module, node)}`
    if (node.type === "ExportDefaultDeclaration" && !isConfiguration)
      problems.push(`${where} default export: name it`)
    if (node.type.startsWith("Export") && isNode(node["source"]) && !exported.has(module.path)) {
      problems.push(`${where} passes on what another file exports: only files in package.json's exports do`)
    }
  })
  return problems
}

/** core and spec have no clock, no randomness, no timers and no process of their own. */
const purityProblems = (module: Module): ReadonlyArray<string> => {
  if (module.isTest || (module.room !== "core" && module.room !== "spec")) return []
  const own = declaredNames(module.program)
  const problems: Array<string> = []
  visit(module.program, (node, parent, key) => {
    const found = impureName(node, parent, key)
    if (found !== undefined && !own.has(found)) {
      problems.push(
        `${module.path}:${lineOf(module, node)} uses ${found}: such things reach it as events only`,
      )
    }
  })
  return problems
}

const impureName = (node: Node, parent: Node | undefined, key: string): string | undefined => {
  if (node.type === "MemberExpression") {
    const [object, property] = [node["object"] as Node, node["property"] as Node]
    const isRandom = object["name"] === "Math" && (property["name"] ?? property["value"]) === "random"
    return isRandom ? "Math.random" : undefined
  }
  const name = node.type === "Identifier" ? String(node["name"]) : ""
  const isName = parent?.["computed"] !== true && (key === "property" || key === "key" || key === "right")
  // `a = Date` has a right side too, which is no name.
  return impure.has(name) && !(isName && parent?.type !== "AssignmentExpression") ? name : undefined
}

/** Names that the file declares itself, anywhere in it, as variables, parameters, imports or types. */
const declaredNames = (program: Node): ReadonlySet<string> => {
  const names = new Set<string>()
  const bind = (pattern: unknown): void => {
    if (!isNode(pattern)) return
    if (pattern.type === "Identifier") names.add(String(pattern["name"]))
    const { argument, elements, left, parameter, properties, value } = pattern
    for (const part of [argument, left, parameter, value, elements, properties].flat()) bind(part)
  }
  visit(program, (node) => {
    const isDeclaration = /^(VariableDeclarator|FunctionDeclaration|ClassDeclaration|TS\w+Declaration)$/.test(
      node.type,
    )
    if (isDeclaration) bind(node["id"])
    if (/^Import\w*Specifier$/.test(node.type)) bind(node["local"])
    if (node.type === "CatchClause") bind(node["param"])
    if (Array.isArray(node["params"])) for (const parameter of node["params"]) bind(parameter)
  })
  return names
}

const nameProblems = ({ path }: SourceFile): ReadonlyArray<string> =>
  path.split("/").some((part) => /^(utils?|helpers?|common|misc)(\.|$)/i.test(part))
    ? [`${path}: a file is named after the one concept in it`]
    : []

const machinePath = /(^|[\s"'`(=:])\/(work|tmp|home|root|Users)\//
const issueNumber = /\bissues?\s+#?\d+\b|(^|[^\w&/])#\d+\b/i

const textProblems = ({ path, text }: SourceFile): ReadonlyArray<string> =>
  text.split("\n").flatMap((line, index) => {
    const where = `${path}:${index + 1}`
    return [
      ...(machinePath.test(line) && !testSupport.test(path) ? [`${where} names a path of one machine`] : []),
      ...(issueNumber.test(line) ? [`${where} names an issue by number: say what it is about`] : []),
    ]
  })

/** Files that import each other in a circle, types included; each circle is told once. */
const cycleProblems = (modules: ReadonlyArray<Module>): ReadonlyArray<string> => {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const done = new Set<string>()
  const problems: Array<string> = []
  const follow = (module: Module, way: ReadonlyArray<string>): void => {
    const start = way.indexOf(module.path)
    if (start >= 0) problems.push(`cycle: ${[...way.slice(start), module.path].join(" -> ")}`)
    if (start >= 0 || done.has(module.path)) return
    for (const specifier of module.imports.filter((one) => one.startsWith("."))) {
      const target = byPath.get(posix.join(posix.dirname(module.path), specifier))
      if (target !== undefined) follow(target, [...way, module.path])
    }
    done.add(module.path)
  }
  for (const module of modules) follow(module, [])
  return problems
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

/** Calls `enter` with every node, its parent, and the name under which the parent holds it. */
const visit = (
  node: Node,
  enter: (node: Node, parent: Node | undefined, key: string) => void,
  parent?: Node,
  key = "",
): void => {
  enter(node, parent, key)
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, enter, node, name)
    }
  }
}

const lineOf = ({ text }: SourceFile, { start }: Node): number => text.slice(0, start).split("\n").length
