import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { Subject } from "../../spec/explorer/Subject.ts"
import { packageRoot } from "../cli/PackageRoot.ts"

/**
 * What can be checked by name, each the module that exports its Subject, from the package's root and without its ending.
 * Workers load them again, so they are found by their place and are no part of the bundle.
 */
export const SUBJECTS: Readonly<Record<string, string>> = {
  ring: "spec/ring/model/RingSystem",
  core: "spec/conformance/explored/CoreSystem",
  refinement: "spec/conformance/refinement/RefinedCore",
  journal: "spec/journal/model/JournalSystem",
  session: "spec/session/SessionSystem",
  "events-original": "spec/ring/OriginalEvents",
  "events-ours": "spec/ring/OurEvents",
  "events-core": "spec/conformance/CoreEvents",
  "events-journal": "spec/conformance/refinement/JournalEvents",
  "lookups-paper": "spec/conformance/routing/PaperLookups",
  "lookups-ids": "spec/conformance/routing/IdFingerLookups",
  "lookups-core": "spec/conformance/routing/CoreLookups",
}

/**
 * Where the module of a subject is.
 *
 * @param name one of `SUBJECTS`, or the path of a module of one's own.
 * @throws RangeError when there is none.
 */
export const subjectUrl = (name: string): string => {
  const module = SUBJECTS[name]
  if (module !== undefined) return moduleUrl(module)
  const path = resolve(name)
  if (!existsSync(path))
    throw new RangeError(
      `no system "${name}": expected ${Object.keys(SUBJECTS).join(", ")}, or the path of a module`,
    )
  return pathToFileURL(path).href
}

/** A module of the package: TypeScript in a checkout, JavaScript once it is published. */
export const moduleUrl = (module: string): string => {
  const isCheckout = import.meta.url.endsWith(".ts")
  return new URL(`${module}${isCheckout ? ".ts" : ".js"}`, packageRoot()).href
}

/** @throws RangeError when the module is no Subject. */
export const loadSubject = async (name: string): Promise<Subject<unknown>> => {
  const loaded = (await import(subjectUrl(name))) as Partial<Subject<unknown>>
  if (typeof loaded.system !== "function") throw new RangeError(`${name} exports no function "system"`)
  return { scopes: () => [{ name, options: {} }], mutants: [], ...loaded, system: loaded.system }
}
