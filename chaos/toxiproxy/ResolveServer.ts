import { existsSync, mkdirSync, renameSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { execa } from "execa"

/** Where the Toxiproxy of a campaign comes from: a server that runs, or a program to start. */
export type ToxiproxySource =
  | { readonly kind: "url"; readonly url: string; readonly from: string }
  | { readonly kind: "program"; readonly path: string; readonly from: string }

export const TOXIPROXY_VERSION = "2.12.0"

const cache = fileURLToPath(new URL("../../node_modules/.cache/ringstead/", import.meta.url))

/** go install builds for a minute on a slow machine. */
const INSTALL_MS = 300_000

/**
 * TOXIPROXY_URL, `toxiproxy-server` on PATH, the project's own cache, `go install` into it (chaos.md, Toxiproxy).
 *
 * @param say is told what takes long
 * @throws Error that says what to do when there is none
 */
export const resolveToxiproxy = async (
  say: (text: string) => void = () => {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
  directory: string = cache,
): Promise<ToxiproxySource> => {
  const url = environment["TOXIPROXY_URL"]
  if (url !== undefined && url !== "") return { kind: "url", url, from: "TOXIPROXY_URL" }
  const found = (environment["PATH"] ?? "")
    .split(delimiter)
    .map((part) => join(part, "toxiproxy-server"))
    .find((path) => existsSync(path))
  if (found !== undefined) return { kind: "program", path: found, from: "PATH" }
  const cached = join(directory, `toxiproxy-server-${TOXIPROXY_VERSION}`)
  if (existsSync(cached)) return { kind: "program", path: cached, from: "the project's cache" }
  mkdirSync(directory, { recursive: true })
  say(`building Toxiproxy ${TOXIPROXY_VERSION} with go install, once; this takes a minute or two`)
  const trouble = await install(directory, cached, environment)
  if (trouble === undefined) return { kind: "program", path: cached, from: "go install" }
  throw new Error(
    `there is no Toxiproxy: ${trouble}; install Go 1.23 or later, put toxiproxy-server ${TOXIPROXY_VERSION} on PATH, or say where one runs with TOXIPROXY_URL`,
  )
}

/** @returns why it did not work */
const install = async (
  directory: string,
  cached: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> => {
  const built = await execa(
    "go",
    ["install", `github.com/Shopify/toxiproxy/v2/cmd/server@v${TOXIPROXY_VERSION}`],
    { env: { ...environment, GOBIN: directory }, extendEnv: false, timeout: INSTALL_MS, reject: false },
  )
  if (built.failed) return `go install failed (${(built.shortMessage ?? "").split("\n")[0]})`
  renameSync(join(directory, "server"), cached)
  return undefined
}
