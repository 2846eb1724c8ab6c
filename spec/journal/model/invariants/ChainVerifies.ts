import { DAMAGED, text } from "../Words.ts"
import type { CellInvariant } from "./CellInvariant.ts"

/** I8: the hash chain verifies: nobody takes part with a log that is not what was written, nor sends it. */
export const chainVerifies: CellInvariant = {
  name: "ChainVerifies",
  broken: ({ messages, peers }) => {
    const one = peers.find(({ log, up, role }) => up && role !== "damaged" && log.includes(DAMAGED))
    if (one !== undefined) return `${text.member(one.member)} takes part with ${text.log(one.log)}`
    const sent = messages.find(({ message }) => "log" in message && message.log.includes(DAMAGED))
    return sent === undefined ? undefined : `a ${sent.message.type} carries what is damaged`
  },
}
