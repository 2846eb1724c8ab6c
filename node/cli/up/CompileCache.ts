import { readdirSync } from "node:fs"
import { flushCompileCache, getCompileCacheDir } from "node:module"

/**
 * Compiles what the processes of a ring will load, once and here, if nothing is compiled yet: else each of them would
 * compile all of it for itself, at the same time, and the first start after an installation take twice as long.
 */
export const warmCompileCache = async (): Promise<void> => {
  const directory = getCompileCacheDir()
  if (directory === undefined || isWarm(directory)) return
  await Promise.all([
    import("../../dispatcher/Dispatcher.ts"),
    import("../../peer/PeerProcess.ts"),
    import("../process/DispatchCommand.ts"),
    import("../process/PeerCommand.ts"),
  ])
  flushCompileCache()
}

const isWarm = (directory: string): boolean => {
  try {
    return readdirSync(directory).length > 0
  } catch {
    return false
  }
}
