import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** How a process is given a wrong clock, by libfaketime. */
export interface Faketime {
  /** Why it cannot be, or undefined. */
  readonly unavailable: string | undefined
  /** For a process whose clock is `ms` ahead, or behind if negative. */
  readonly environment: (ms: number) => Readonly<Record<string, string>>
}

const NAME = join("faketime", "libfaketime.so.1")

/** Where distributions put it: /usr/lib/faketime, or below the directory of the architecture. */
const places = (roots: ReadonlyArray<string>): ReadonlyArray<string> =>
  roots
    .filter((root) => existsSync(root))
    .flatMap((root) => [root, ...readdirSync(root).map((part) => join(root, part))])
    .map((directory) => join(directory, NAME))

/** @param roots directories of libraries */
export const faketime = (
  roots: ReadonlyArray<string> = ["/usr/lib", "/usr/lib64", "/usr/local/lib"],
): Faketime => {
  const library = places(roots).find((path) => existsSync(path))
  return {
    unavailable: library === undefined ? "libfaketime is not installed" : undefined,
    environment: (ms) => ({
      LD_PRELOAD: library ?? "",
      FAKETIME: `${ms < 0 ? "-" : "+"}${Math.abs(ms) / 1_000}`,
      // The monotonic clock dates the traces.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    }),
  }
}
