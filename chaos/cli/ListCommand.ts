import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { chaosGroup, orRefused, storeFlag } from "./StoreFlag.ts"

export const listCommand = defineCommand({
  name: "list",
  group: chaosGroup,
  about: "List the runs that are kept, the oldest first",
  kind: "tool",
  flags: { store: storeFlag },
  examples: [{ command: "ringstead chaos list", description: "Every run, its verdict and why" }],
  run: Effect.fnUntraced(function* ({ store }) {
    const { runsIn } = yield* Effect.promise(() => import("../store/Store.ts"))
    const { readResults } = yield* Effect.promise(() => import("../store/RunFiles.ts"))
    const rows = yield* orRefused(() =>
      runsIn(store).map((directory) => {
        const results = readResults(directory)
        return `${results?.outcome.padEnd(8) ?? "unjudged"} ${directory}  ${results?.why ?? ""}`.trimEnd()
      }),
    )
    process.stdout.write(rows.length === 0 ? `no runs in ${store}\n` : `${rows.join("\n")}\n`)
    return ExitCode.ok
  }),
})
