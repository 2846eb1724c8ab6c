import type { Scope } from "../explorer/Subject.ts"
import type { System } from "../explorer/System.ts"

/** What each of the participants has done so far, and what the coordinator has decided. */
interface Commit {
  readonly votes: ReadonlyArray<"none" | "yes" | "no">
  readonly decision: "none" | "commit" | "abort"
  readonly outcomes: ReadonlyArray<"none" | "commit" | "abort">
}

type Act = readonly ["vote-yes" | "vote-no" | "learn" | "give-up", number] | readonly ["decide"]

interface Options {
  /** Whether a participant that has voted yes may abort when it hears nothing: the classical mistake. */
  readonly impatient: boolean
}

/** Two-phase commit with two participants, as an example of a system of one's own. */
export const system = ({ impatient }: Options): System<Commit, Act> => ({
  name: "two-phase commit",
  initial: [{ votes: ["none", "none"], decision: "none", outcomes: ["none", "none"] }],
  actions: ({ votes, decision, outcomes }) => {
    const acts: Array<Act> = decision === "none" && !votes.includes("none") ? [["decide"]] : []
    for (const at of [0, 1]) {
      if (votes[at] === "none") acts.push(["vote-yes", at], ["vote-no", at])
      else if (outcomes[at] === "none" && decision !== "none") acts.push(["learn", at])
      else if (outcomes[at] === "none" && impatient) acts.push(["give-up", at])
    }
    return acts
  },
  apply: (state, [act, at = 0]) => {
    const { votes, outcomes, decision } = state
    switch (act) {
      case "vote-yes":
        return { ...state, votes: votes.with(at, "yes") }
      case "vote-no":
        return { ...state, votes: votes.with(at, "no") }
      case "decide":
        return { ...state, decision: votes.includes("no") ? "abort" : "commit" }
      case "learn":
        return { ...state, outcomes: outcomes.with(at, decision) }
      case "give-up":
        return { ...state, outcomes: outcomes.with(at, "abort") }
    }
  },
  fingerprint: JSON.stringify,
  invariants: [
    {
      name: "Agreement",
      broken: ({ outcomes }) =>
        outcomes.includes("commit") && outcomes.includes("abort")
          ? `one commits, the other aborts: ${outcomes.join(", ")}`
          : undefined,
    },
  ],
  witnesses: [{ name: "both commit", seen: ({ outcomes }) => outcomes.every((one) => one === "commit") }],
  goals: [{ name: "Done", reached: ({ outcomes }) => !outcomes.includes("none"), fair: () => true }],
  describe: (act) => act.join(" "),
  show: ({ votes, decision, outcomes }) => [
    `votes ${votes.join(" ")}`,
    `decision ${decision}`,
    `outcomes ${outcomes.join(" ")}`,
  ],
})

/** What `ringstead check system` explores. */
export const scopes = (): ReadonlyArray<Scope<Options>> => [
  { name: "two-phase commit, patient", options: { impatient: false } },
  { name: "two-phase commit, impatient", options: { impatient: true } },
]
