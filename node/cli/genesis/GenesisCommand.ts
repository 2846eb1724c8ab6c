import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import { modeOf, parseGenesis } from "../../../core/peer/Genesis.ts"
import { defineCommand } from "../CliCommand.ts"
import { ExitCode } from "../ExitCode.ts"
import { misused } from "../Refusal.ts"
import { count, name, text } from "../Value.ts"
import { founder } from "./Founder.ts"
import { cells, hashes, modeFlag, replicas } from "./GenesisFlags.ts"
import { writeGenesis } from "./GenesisFile.ts"
import { cautionsOf, clashOf, makeGenesis } from "./MakeGenesis.ts"

const flags = {
  cluster: {
    kind: "optional",
    metavar: "NAME",
    about: "Peers of another cluster are refused (default ringstead)",
    read: name,
    fallback: "ringstead",
  },
  founder: {
    kind: "many",
    metavar: "NAME=RINGHOST:PORT,HTTPHOST:PORT[@PLACE]",
    about:
      "One peer of the first ring; repeat it for each. PLACE is hexadecimal digits, 8 is half-way round (default the hash of its name)",
    read: founder,
  },
  cells: {
    kind: "optional",
    metavar: "Q",
    about: "Equal arcs the ring is cut into, a power of two (default 1024)",
    read: cells,
    fallback: 1024,
  },
  replicas: {
    kind: "optional",
    metavar: "R",
    about: "Peers that keep each cell: 1, 3, 5, 7 or 9 (default 3)",
    read: replicas,
    fallback: 3,
  },
  successors: {
    kind: "optional",
    metavar: "L",
    about: "Length of successor lists, from replicas - 1 to 16 (default 4, and 2 below 7 founders)",
    read: count(1, 16),
    fallback: undefined,
  },
  mode: modeFlag,
  hash: {
    kind: "optional",
    metavar: "NAME[,NAME...]",
    about: "Hash functions applied in turn to a client's name: sha1, md5, sha256 (default sha1)",
    read: hashes,
    fallback: ["sha1"],
  },
  out: {
    kind: "optional",
    metavar: "FILE",
    about: "Where to write it (default genesis.json)",
    read: text,
    fallback: "genesis.json",
  },
  force: { kind: "switch", about: "Replace the file if it exists" },
} as const

export const genesisCommand = defineCommand({
  name: "genesis",
  about: "Write the file that every process of a cluster starts from",
  kind: "tool",
  flags,
  examples: [
    {
      command:
        "ringstead genesis --founder a=10.0.0.1:7000,10.0.0.1:8000 " +
        "--founder b=10.0.0.2:7000,10.0.0.2:8000 --founder c=10.0.0.3:7000,10.0.0.3:8000",
      description: "Three machines, one peer each",
    },
  ],
  run: Effect.fnUntraced(function* (values) {
    const founders = values.founder
    if (founders.length === 0) {
      return yield* misused("name at least one peer with --founder NAME=RINGHOST:PORT,HTTPHOST:PORT")
    }
    const clash = clashOf(founders)
    if (clash !== undefined) return yield* misused(`${clash}; give each its own`)
    const genesis = makeGenesis({
      ...values,
      mode: values.mode ?? "replay",
      founders,
      secret: randomBytes(32).toString("hex"),
    })
    const checked = parseGenesis(JSON.stringify(genesis))
    if ("problem" in checked) return yield* misused(checked.problem)
    yield* writeGenesis(values.out, checked, values.force)
    for (const caution of cautionsOf(checked)) process.stderr.write(`ringstead genesis: ${caution}\n`)
    process.stdout.write(
      `${values.out}: cluster ${checked.cluster}, ${founders.length} founders, ${checked.cells} cells, ` +
        `${checked.replicas} replicas, mode ${modeOf(checked)}; it holds the cluster's secret, so copy it to every machine and nowhere else\n`,
    )
    return ExitCode.ok
  }),
})
