/**
 * `npm run build [-- --out DIR]`: DIR (default dist) becomes the package as it would be published.
 *
 *   bin/             the command, bundled: a process starts in a third of the time that loose modules take
 *   core/, node/, spec/
 *                    JavaScript and declarations for whoever imports ringstead/core, and so on; commands load spec too
 *   node/sample/     the sample service, bundled with what it needs, so that `ringstead up` works once installed
 *   package.json     with no development in it
 */
import { execFile } from "node:child_process"
import { chmod, copyFile, readFile, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { parseArgs, promisify } from "node:util"
import { build } from "rolldown"

const root = join(import.meta.dirname, "..")
const { values } = parseArgs({ options: { out: { type: "string", default: join(root, "dist") } } })
const out = resolve(values.out)

const compile = async (): Promise<void> => {
  try {
    await promisify(execFile)(join(root, "node_modules/.bin/tsc"), [
      "--project",
      join(root, "tsconfig.build.json"),
      "--outDir",
      out,
    ])
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string }
    throw new Error(`tsc found errors:\n${stdout ?? String(error)}`, { cause: error })
  }
}

/** Of the many chunks each command loads only its own. `prove` runs a solver in processes of their own, if there is one. */
const bundleBinary = async (): Promise<void> => {
  await build({
    cwd: root,
    input: { ringstead: "node/main.ts", SolverProcess: "proofs/solver/SolverProcess.ts" },
    external: ["z3-solver"],
    platform: "node",
    output: { dir: join(out, "bin"), format: "esm", chunkFileNames: "[name]-[hash].js" },
  })
  await chmod(join(out, "bin/ringstead.js"), 0o755)
}

const bundleSample = () =>
  build({
    cwd: root,
    input: { shop: "node/sample/shop.js" },
    platform: "node",
    output: { dir: join(out, "node/sample"), format: "esm" },
  })

interface Manifest {
  readonly [field: string]: unknown
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** How importers find a room. */
const room = (name: string) => ({ types: `./${name}/index.d.ts`, default: `./${name}/index.js` })

/** A checkout brings its own Node; whoever installs the package has one, and `engines` says which it must be. */
const writeManifest = async (): Promise<void> => {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest
  const { allowScripts: _, dependencies, devDependencies, scripts: __, ...rest } = manifest
  const { node, ...needed } = dependencies
  const published = {
    ...rest,
    bin: { ringstead: "./bin/ringstead.js" },
    exports: {
      "./core": room("core"),
      "./node": room("node"),
      "./spec": room("spec"),
      "./package.json": "./package.json",
    },
    dependencies: needed,
    // 35 MB, for the one command that proves.
    peerDependencies: { "z3-solver": devDependencies["z3-solver"] },
    peerDependenciesMeta: { "z3-solver": { optional: true } },
    engines: { node: `>=${node?.split(".")[0]}.0.0` },
  }
  await writeFile(join(out, "package.json"), `${JSON.stringify(published, null, 2)}\n`)
}

await rm(out, { recursive: true, force: true })
await compile()
await Promise.all([
  bundleBinary(),
  bundleSample(),
  writeManifest(),
  ...["README.md", "LICENSE"].map((file) => copyFile(join(root, file), join(out, file))),
])
process.stdout.write(`${out} is ready; publish it with 'npm publish ${out}'\n`)
