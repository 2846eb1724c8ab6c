#!/usr/bin/env node
import { enableCompileCache, flushCompileCache } from "node:module"

enableCompileCache()
const { main } = await import("./cli/Main.ts")
await main(process.argv.slice(2))
// A process that serves until it is killed would never write what it compiled.
setTimeout(flushCompileCache, 10_000).unref()
