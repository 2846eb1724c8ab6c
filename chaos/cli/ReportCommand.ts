import * as Effect from "effect/Effect"
import { defineCommand } from "../../node/cli/CliCommand.ts"
import { ExitCode } from "../../node/cli/ExitCode.ts"
import { chaosGroup, findRun, orRefused, runArgument, storeFlag } from "./StoreFlag.ts"

export const reportCommand = defineCommand({
  name: "report",
  group: chaosGroup,
  about: "Judge a run again and draw its report: one HTML file that needs nothing else",
  kind: "tool",
  flags: { store: storeFlag },
  argument: runArgument,
  examples: [{ command: "ringstead chaos report latest", description: "Writes report.html beside the run" }],
  run: Effect.fnUntraced(function* ({ store }, name) {
    const { writeReport } = yield* Effect.promise(() => import("../report/WriteReport.ts"))
    const { file } = yield* orRefused(() => writeReport(findRun(store, name)))
    process.stdout.write(`${file}\n`)
    return ExitCode.ok
  }),
})
