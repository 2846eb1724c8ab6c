/** An entry of the journal as the promises see it. */
export type EntryFact =
  | {
      readonly type: "request"
      readonly client: string
      readonly id: string
      readonly replay: "compare" | "run" | "skip"
      readonly request: string
      readonly response: string
    }
  | { readonly type: "expire"; readonly client: string }

/**
 * The service that the promises are made for: each client has a list of the requests applied so far, which every answer
 * tells. What is lost, done twice or out of order shows in the next answer.
 */
export const answerOf = (client: string, applied: ReadonlyArray<string>): string =>
  `${client}: ${applied.join(" ")}`

/** The requests that an answer tells of. */
export const shownIn = (answer: string): ReadonlyArray<string> =>
  answer
    .split(" ")
    .slice(1)
    .filter((name) => name !== "")
