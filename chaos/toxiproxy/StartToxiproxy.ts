import { join } from "node:path"
import { execa } from "execa"
import type { PidFile } from "../cluster/PidFile.ts"
import { resolveToxiproxy } from "./ResolveServer.ts"
import { ToxiproxyApi } from "./ToxiproxyApi.ts"

export interface RunningToxiproxy {
  readonly api: ToxiproxyApi
  /** Which one it is, and where it was found. */
  readonly about: string
  readonly stop: () => Promise<void>
}

/** How long it may take to answer, in ms: one that is started here, and one that is said to run already. */
const START_MS = 10_000
const RUNS_MS = 1_000

/**
 * @param port to listen on, unless TOXIPROXY_URL says where one runs
 * @param logs directory of its log
 * @throws Error that says what to do if there is none, or if it does not answer
 */
export const startToxiproxy = async (
  port: number,
  logs: string,
  pids: PidFile,
  say: (text: string) => void,
): Promise<RunningToxiproxy> => {
  const source = await resolveToxiproxy(say)
  const url = source.kind === "url" ? source.url : `http://127.0.0.1:${port}`
  const api = new ToxiproxyApi(url)
  const server =
    source.kind === "url"
      ? undefined
      : execa(source.path, ["-host=127.0.0.1", `-port=${port}`], {
          stdin: "ignore",
          all: true,
          stdout: { file: join(logs, "toxiproxy.log") },
          stderr: { file: join(logs, "toxiproxy.log") },
          buffer: false,
          reject: false,
        })
  if (server?.pid !== undefined) pids.add(server.pid)
  const stop = async (): Promise<void> => {
    server?.kill("SIGKILL")
    await server
  }
  const deadline = performance.now() + (server === undefined ? RUNS_MS : START_MS)
  for (;;) {
    try {
      const version = (await api.version()).trim()
      return { api, about: `Toxiproxy ${version} (${source.from})`, stop }
    } catch (error) {
      if (performance.now() > deadline) {
        await stop()
        throw new Error(`Toxiproxy does not answer at ${url}; start one there, or unset TOXIPROXY_URL`, {
          cause: error,
        })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
