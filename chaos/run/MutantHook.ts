import { registerHooks } from "node:module"
import { mutants } from "../../spec/conformance/mutants/Mutants.ts"

/**
 * Given to node by --import with the name of a mutant after a "?": puts that fault into the sources of the process as they
 * are loaded. There are sources in a checkout only, so nothing that is published can be run with it.
 */
const name = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const mutant = mutants.find((one) => one.name === name)
if (mutant === undefined) throw new Error(`there is no mutant '${name}'`)
const { patches } = mutant

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    const mine = patches.filter(({ file }) => url.endsWith(`/${file}`))
    if (mine.length === 0 || loaded.source === undefined || loaded.source === null) return loaded
    const { source } = loaded
    let text = typeof source === "string" ? source : new TextDecoder().decode(source)
    for (const { find, replace } of mine) text = text.replace(find, () => replace)
    return { ...loaded, source: text }
  },
})
