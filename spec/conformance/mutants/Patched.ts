import type { Patch } from "./Mutants.ts"

/** A module as a loader hands it on; `source` is missing for those that Node brings. */
interface Loaded {
  readonly source?: string | ArrayBuffer | NodeJS.TypedArray | null | undefined
}

/**
 * Hooks for `registerHooks` of node:module: files are changed as they are loaded, in the thread that registers them
 * only, and nothing on the disk is. Whatever was loaded before stays as it is, so what is to be changed is imported
 * dynamically, after that. Only sources can be changed: what is published has none.
 *
 * @throws RangeError while a file is loaded that does not hold the text which is to be replaced in it
 */
export const patched = (patches: ReadonlyArray<Patch>) => ({
  load: <C, L extends Loaded>(url: string, context: C, next: (url: string, context: C) => L): L => {
    const loaded = next(url, context)
    const mine = patches.filter(({ file }) => url.endsWith(`/${file}`))
    if (mine.length === 0 || loaded.source === undefined || loaded.source === null) return loaded
    const { source } = loaded
    const text = typeof source === "string" ? source : new TextDecoder().decode(source)
    return { ...loaded, source: mine.reduce(replaced, text) }
  },
})

const replaced = (text: string, { file, find, replace }: Patch): string => {
  if (!text.includes(find)) throw new RangeError(`${file} does not hold "${find}", which is to be replaced`)
  return text.replace(find, () => replace)
}
