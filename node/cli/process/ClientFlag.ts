import type { ClientSource } from "../../dispatcher/DispatchOptions.ts"
import type { Reader } from "../Value.ts"

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const source: Reader<ClientSource> = (written) => {
  if (written === "cookie" || written === "basic" || written === "address") return { kind: written }
  const header = written.startsWith("header:") ? written.slice("header:".length) : ""
  if (!token.test(header))
    throw new RangeError("header:NAME, cookie, basic or address, or several with commas between")
  return { kind: "header", header: header.toLowerCase() }
}

/** Where a client's name is looked for: one or more of `header:NAME`, `cookie`, `basic`, `address`, comma between. */
export const clientSources: Reader<ReadonlyArray<ClientSource>> = (written) => written.split(",").map(source)

/** As {@link clientSources} reads it. */
export const writeClientSources = (sources: ReadonlyArray<ClientSource>): string =>
  sources.map((one) => (one.kind === "header" ? `header:${one.header}` : one.kind)).join(",")

/** What `--client` means when it is given `given` times, each with a list. */
export const clientsOrDefault = (
  given: ReadonlyArray<ReadonlyArray<ClientSource>>,
): ReadonlyArray<ClientSource> => (given.length === 0 ? [{ kind: "cookie" }] : given.flat())
