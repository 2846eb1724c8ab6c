import { join } from "node:path"
import { execa } from "execa"

const root = new URL("../..", import.meta.url).pathname

/** The binary as it runs from a checkout. */
export const CHECKOUT: readonly [string, string] = [process.execPath, join(root, "node/main.ts")]

/**
 * Builds the package into `folder`.
 *
 * @returns how to run its binary
 */
export const buildBinary = async (folder: string): Promise<readonly [program: string, script: string]> => {
  await execa(process.execPath, [join(root, "node/build.ts"), "--out", folder])
  return [process.execPath, join(folder, "bin/ringstead.js")]
}
