/** Words for SMT-LIB, so that the systems read as formulas and not as string concatenation. */

export const and = (...parts: ReadonlyArray<string>): string => joined("and", "true", parts)
export const or = (...parts: ReadonlyArray<string>): string => joined("or", "false", parts)
export const not = (part: string): string => `(not ${part})`
export const implies = (premise: string, conclusion: string): string => `(=> ${premise} ${conclusion})`
export const equal = (a: string, b: string): string => `(= ${a} ${b})`

/** `forall("x Id, y Id", body)`. */
export const forall = (variables: string, body: string): string => `(forall (${bound(variables)}) ${body})`
export const exists = (variables: string, body: string): string => `(exists (${bound(variables)}) ${body})`

/** `constants("Id", ["a", "b"])`. */
export const constants = (sort: string, names: ReadonlyArray<string>): string =>
  names.map((name) => `(declare-const ${name} ${sort})`).join("\n")

export const define = (name: string, variables: string, sort: string, body: string): string =>
  `(define-fun ${name} (${bound(variables)}) ${sort} ${body})`

/** The numbers from `low` to `high`. */
export const range = (low: number, high: number): ReadonlyArray<number> =>
  Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => low + i)

const joined = (word: string, none: string, parts: ReadonlyArray<string>): string =>
  parts.length > 1 ? `(${word} ${parts.join(" ")})` : (parts[0] ?? none)

const bound = (variables: string): string =>
  variables === ""
    ? ""
    : variables
        .split(", ")
        .map((variable) => `(${variable})`)
        .join(" ")
