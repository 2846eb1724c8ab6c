/** A behaviour to be played, on one system or on several alike, and what is expected of it. */
export interface Scenario {
  readonly systems: ReadonlyArray<Named>
  readonly lines: ReadonlyArray<Line>
}

/** A system to play on. */
export interface Named {
  /** A subject that can be checked by name, or the path of a module. */
  readonly name: string
  readonly options: unknown
  readonly line: number
}

export type Line = Happening | Expectation

/** An action, written as the system describes it. */
export interface Happening {
  readonly kind: "happening"
  readonly line: number
  readonly text: string
}

export interface Expectation {
  readonly kind: "expectation"
  readonly line: number
  /** The system that it is about; null for all. */
  readonly of: string | null
  /**
   * `holds`: no invariant is broken. The others name an invariant, a witness, a goal; `unreachable`: nothing that peers do
   * from here on reaches the goal any more.
   */
  readonly claim: "holds" | "broken" | "seen" | "reached" | "unreachable"
  /** Empty with `holds`. */
  readonly property: string
}

const FORMS =
  "'expect holds', 'expect broken INVARIANT', 'expect seen WITNESS', 'expect reached GOAL' or 'expect unreachable GOAL', " +
  "each also as 'expect of SYSTEM ...'"

/**
 * Reads a scenario:
 *
 *     # a comment
 *     system ring {"rules":"original","peers":4}
 *     stabilize 0
 *     expect of ring broken AtLeastOneRing
 *
 * First come the systems, by name, each with its options in JSON if it takes any; then actions and expectations.
 *
 * @throws RangeError that names the line and says what was expected there.
 */
export const parseScenario = (text: string): Scenario => {
  const systems: Array<Named> = []
  const lines: Array<Line> = []
  for (const [i, raw] of text.split("\n").entries()) {
    const line = i + 1
    const written = raw.replace(/(^|\s)#.*$/, "").trim()
    if (written === "") continue
    const [word = ""] = written.split(/\s+/, 1)
    if (word === "system") systems.push(parseSystem(written, line, lines.length > 0))
    else if (systems.length === 0) throw mistake(line, written, "'system NAME', before anything happens")
    else if (word === "expect") lines.push(parseExpectation(written, line, systems))
    else lines.push({ kind: "happening", line, text: written.split(/\s+/).join(" ") })
  }
  if (systems.length === 0) throw new RangeError("no line 'system NAME' says what to play it on")
  if (!lines.some(({ kind }) => kind === "expectation"))
    throw new RangeError(`nothing is expected; end with ${FORMS}`)
  return { systems, lines }
}

/** The scenario as text. */
export const scenarioText = (
  comments: ReadonlyArray<string>,
  system: Omit<Named, "line">,
  actions: ReadonlyArray<string>,
  expected: string,
): string =>
  [
    ...comments.map((comment) => `# ${comment}`),
    `system ${system.name} ${JSON.stringify(system.options)}`,
    ...actions,
    `expect ${expected}`,
    "",
  ].join("\n")

const parseSystem = (written: string, line: number, isLate: boolean): Named => {
  if (isLate) throw mistake(line, written, "an action or an expectation: systems come first")
  const [, name, json = ""] = /^system\s+(\S+)\s*(.*)$/.exec(written) ?? []
  if (name === undefined) throw mistake(line, written, "'system NAME' and its options in JSON")
  try {
    return { name, options: json === "" ? {} : (JSON.parse(json) as unknown), line }
  } catch {
    throw mistake(line, json, "the system's options in JSON")
  }
}

const parseExpectation = (written: string, line: number, systems: ReadonlyArray<Named>): Expectation => {
  const [, of = null, claim, property = ""] =
    /^expect\s+(?:of\s+(\S+)\s+)?(holds|broken|seen|reached|unreachable)(?:\s+(\S.*))?$/.exec(written) ?? []
  if (claim === undefined || (claim === "holds") !== (property === "")) throw mistake(line, written, FORMS)
  if (of !== null && systems.every(({ name }) => name !== of))
    throw mistake(line, of, `one of the systems above: ${systems.map(({ name }) => name).join(", ")}`)
  return { kind: "expectation", line, of, claim: claim as Expectation["claim"], property }
}

const mistake = (line: number, found: string, expected: string): RangeError =>
  new RangeError(`line ${line}: expected ${expected}, not "${found}"`)
