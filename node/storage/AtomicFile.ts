import { open, rename } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { makeDirectory } from "./MakeDirectory.ts"

/**
 * Makes `text` the content of `path`, durably and all or nothing: after a crash or a loss of power at any point the
 * file holds its old content or the new one. One writer at a time; PATH.new is used on the way.
 *
 * @throws the file system's error, the old content then untouched
 */
export const writeAtomically = async (path: string, text: string): Promise<void> => {
  const fresh = `${path}.new`
  const file = await open(fresh, "w")
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  // The rename itself is durable only when the directory is.
  await syncDirectory(dirname(path))
}

/**
 * Makes `path` a directory, and those above it, so that none of them is gone after a loss of power. Does nothing if it
 * is one already.
 *
 * @throws the file system's error
 */
export const makeDurably = async (path: string): Promise<void> => {
  const first = makeDirectory(path)
  if (first === undefined) return
  const top = dirname(first)
  let directory = resolve(path)
  while (directory !== top) {
    directory = dirname(directory)
    await syncDirectory(directory)
  }
}

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, "r")
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
