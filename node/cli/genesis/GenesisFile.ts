import * as Effect from "effect/Effect"
import { open, readFile, rename } from "node:fs/promises"
import { dirname } from "node:path"
import { type Genesis, parseGenesis } from "../../../core/peer/Genesis.ts"
import { systemReason } from "../../log/SystemReason.ts"
import { makeDirectory } from "../../storage/MakeDirectory.ts"
import { misconfigured, type Refusal } from "../Refusal.ts"

/** Reads and checks the genesis file at `path`; whatever is wrong with it is one line. */
export const readGenesis = (path: string): Effect.Effect<Genesis, Refusal> =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () => readFile(path, "utf8"),
      catch: (error) =>
        misconfigured(
          isCode(error, "ENOENT")
            ? `genesis file ${path} does not exist; write one with 'ringstead genesis'`
            : `genesis file ${path} cannot be read: ${systemReason(error)}`,
        ),
    })
    const genesis = parseGenesis(text)
    if ("problem" in genesis) {
      return yield* misconfigured(
        `genesis file ${path}: ${genesis.problem}; write one with 'ringstead genesis'`,
      )
    }
    return genesis
  })

/** As {@link readGenesis}, but undefined when there is no such file. */
export const readGenesisIfAny = (path: string): Effect.Effect<Genesis | undefined, Refusal> =>
  Effect.gen(function* () {
    const exists = yield* Effect.tryPromise({
      try: () => open(path).then((file) => file.close().then(() => true)),
      catch: (error) => error,
    }).pipe(
      Effect.catch((error) =>
        isCode(error, "ENOENT")
          ? Effect.succeed(false)
          : Effect.fail(misconfigured(`genesis file ${path} cannot be read: ${systemReason(error)}`)),
      ),
    )
    return exists ? yield* readGenesis(path) : undefined
  })

/**
 * Writes `genesis` to `path`, readable by its owner alone because it holds the cluster's secret. An existing file is
 * replaced only with `force`: peers that started from it would never agree with peers that start from the new one.
 */
export const writeGenesis = (path: string, genesis: Genesis, force: boolean): Effect.Effect<void, Refusal> =>
  Effect.tryPromise({
    try: async () => {
      makeDirectory(dirname(path))
      const target = force ? `${path}.new` : path
      const file = await open(target, force ? "w" : "wx", 0o600)
      try {
        await file.writeFile(`${JSON.stringify(genesis, null, 2)}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      if (force) await rename(target, path)
    },
    catch: (error) =>
      misconfigured(
        isCode(error, "EEXIST")
          ? `${path} exists already, and a cluster keeps its genesis for ever; choose another --out or use --force`
          : `cannot write ${path}: ${systemReason(error)}`,
      ),
  })

const isCode = (error: unknown, code: string): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === code
