import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs"
import { join, relative } from "node:path"

/** Where runs are kept unless somebody says otherwise. */
export const STORE = "store"

/** Makes the directory of a new run, STORE/CAMPAIGN/TIME-SEED, which STORE/latest leads to from now on. */
export const newRunDirectory = (store: string, campaign: string, startedMs: number, seed: number): string => {
  const time = new Date(startedMs).toISOString().slice(0, 19).replaceAll(":", "")
  let directory = join(store, campaign, `${time}-${seed}`)
  for (let n = 2; existsSync(directory); n++) directory = join(store, campaign, `${time}-${seed}-${n}`)
  for (const part of ["traces", "logs"]) mkdirSync(join(directory, part), { recursive: true })
  const latest = join(store, "latest")
  rmSync(latest, { force: true })
  symlinkSync(relative(store, directory), latest)
  return directory
}

/** Directories of all runs, the oldest first. */
export const runsIn = (store: string): ReadonlyArray<string> => {
  if (!existsSync(store)) return []
  return directories(store)
    .flatMap(directories)
    .filter((directory) => existsSync(join(directory, "plan.json")))
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

const directories = (parent: string): ReadonlyArray<string> =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(parent, entry.name))

const nameOf = (directory: string): string => directory.split("/").at(-1) ?? ""

/** Whether a path is a run's directory rather than a plan's file. */
export const isRun = (path: string): boolean => existsSync(path) && statSync(path).isDirectory()
