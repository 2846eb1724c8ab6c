import { mkdirSync } from "node:fs"
import { dirname, resolve } from "node:path"

/**
 * Makes `path` a directory, and those above it; the topmost one that was made, undefined if `path` was one already.
 * Node's own `recursive` never ends where a directory can hold no other and says that it is not there, as under /proc.
 *
 * @throws the file system's error
 */
export const makeDirectory = (path: string): string | undefined => {
  const target = resolve(path)
  try {
    mkdirSync(target)
    return target
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case "EEXIST":
        // Throws in its turn when it is something else.
        mkdirSync(target, { recursive: true })
        return undefined
      case "ENOENT": {
        if (dirname(target) === target) throw error
        const top = makeDirectory(dirname(target)) ?? target
        mkdirSync(target)
        return top
      }
      default:
        throw error
    }
  }
}
