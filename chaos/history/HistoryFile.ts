import { type Operation } from "./Operation.ts"

/** Lines of JSON, one value each. */
export const linesOf = (values: ReadonlyArray<unknown>): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("")

/**
 * Reads history.jsonl. A last line that was cut off, as a harness that was killed leaves it, is left out.
 *
 * @throws RangeError that names the line and what is wrong with it
 */
export const readHistory = (text: string): ReadonlyArray<Operation> =>
  readLines(text, "history.jsonl").map((value, index) => {
    const line = value as Partial<Operation> | null
    const problem = problemOf(line, index)
    if (problem !== undefined) throw new RangeError(`history.jsonl line ${index + 1}: ${problem}`)
    return line as Operation
  })

/**
 * The values of lines of JSON.
 *
 * @throws RangeError that names the file and the line that is none; but for the last one, which may be cut off
 */
export const readLines = (text: string, file: string): ReadonlyArray<unknown> => {
  const lines = text.split("\n")
  return lines.flatMap((line, index) => {
    if (line === "") return []
    try {
      return [JSON.parse(line) as unknown]
    } catch (error) {
      if (index === lines.length - 1) return []
      throw new RangeError(`${file} line ${index + 1} is no JSON`, { cause: error })
    }
  })
}

const TYPES = ["invoke", "ok", "fail", "info"]
const VERBS = ["increment", "read", "add", "remove", "append"]

const problemOf = (line: Partial<Operation> | null, index: number): string | undefined => {
  if (typeof line !== "object" || line === null) return "expected an object"
  if (line.index !== index) return `expected index ${index}, got ${JSON.stringify(line.index)}`
  if (!Number.isSafeInteger(line.process)) return "expected a whole number as process"
  if (!TYPES.includes(String(line.type))) return `expected type to be one of ${TYPES.join(", ")}`
  if (!VERBS.includes(String(line.f))) return `expected f to be one of ${VERBS.join(", ")}`
  if (typeof line.client !== "string") return "expected client to be a text"
  if (typeof line.time !== "number") return "expected time to be a number of ns"
  return undefined
}
