import { SHORT_PAUSES } from "../../cli/up/ShortPauses.ts"

/** Command lines of the services that tests use, as a peer is given them; what each does is said in its file. */
const command = (file: string, ...flags: ReadonlyArray<string>): string =>
  ["exec", `'${process.execPath}'`, ...flags, `'${new URL(file, import.meta.url).pathname}'`].join(" ")

/** Names its process in what it answers. */
export const PID_SERVICE = command("pid.js")
/** Two processes that share nothing. */
export const WORKERS_SERVICE = command("workers.js")
/** Hangs, streams, breaks off and answers too much, on demand. */
export const ODD_SERVICE = command("odd.js")
/** The sample shop: express-session in memory. */
export const SHOP_SERVICE = command("../../sample/shop.js", ...SHORT_PAUSES)
