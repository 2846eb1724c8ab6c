import { registerHooks } from "node:module"
import { mutants } from "../../spec/conformance/mutants/Mutants.ts"
import { patched } from "../../spec/conformance/mutants/Patched.ts"

/**
 * Given to node by --import with the name of a mutant after a "?": puts that fault into the sources of the process as they
 * are loaded. There are sources in a checkout only, so nothing that is published can be run with it.
 */
const name = decodeURIComponent(new URL(import.meta.url).search.slice(1))
const mutant = mutants.find((one) => one.name === name)
if (mutant === undefined) throw new Error(`there is no mutant '${name}'`)
const { patches } = mutant

registerHooks(patched(patches))
