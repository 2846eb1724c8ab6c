import {
  CAMPAIGNS,
  type Fault,
  isLinkFault,
  LINK_VERBS,
  type Plan,
  PROCESS_VERBS,
  type Verb,
  WORKLOADS,
} from "./Plan.ts"

/** The one way in which a plan is written. */
export const planText = (plan: Plan): string => {
  const faults = plan.faults.map((fault) => `    ${JSON.stringify(fault)}`).join(",\n")
  const rest = JSON.stringify({ ...plan, faults: [] }, null, 2)
  return `${rest.replace('"faults": []', faults === "" ? '"faults": []' : `"faults": [\n${faults}\n  ]`)}\n`
}

/**
 * Reads a plan.
 *
 * @throws RangeError that names the place in the JSON and what is expected there
 */
export const readPlan = (text: string): Plan => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new RangeError(`it is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  const plan = recordAt(json, "the plan")
  known(plan, "", PLAN_FIELDS)
  oneOf(plan["version"], "version", [1])
  oneOf(plan["campaign"], "campaign", CAMPAIGNS)
  whole(plan["seed"], "seed", 0, 2 ** 32 - 1)
  whole(plan["peers"], "peers", 3, 64)
  whole(plan["dispatchers"], "dispatchers", 1, 16)
  oneOf(plan["mode"], "mode", ["replay", "stateless"])
  whole(plan["cells"], "cells", 1, 65_536)
  for (const phase of ["calmMs", "faultsMs", "settleMs"]) whole(plan[phase], phase, 0, DAY)
  for (const [n, workload] of listAt(plan["workloads"], "workloads").entries()) {
    const path = `workloads[${n}]`
    const fields = recordAt(workload, path)
    known(fields, `${path}.`, ["name", "clients", "ratePerClient"])
    oneOf(fields["name"], `${path}.name`, WORKLOADS)
    whole(fields["clients"], `${path}.clients`, 1, 10_000)
    const rate = fields["ratePerClient"]
    if (typeof rate !== "number" || !(rate > 0 && rate <= 10_000))
      expected(`${path}.ratePerClient`, "requests per second above 0, at most 10000", rate)
  }
  const read = plan as unknown as Plan
  let before = 0
  for (const [n, fault] of listAt(plan["faults"], "faults").entries()) {
    checkFault(fault, `faults[${n}]`, read)
    const { at } = fault as Fault
    if (at < before) expected(`faults[${n}].at`, `${before} or more, as faults are in order`, at)
    before = at
  }
  return read
}

const DAY = 86_400_000

const PLAN_FIELDS = [
  "version",
  "campaign",
  "seed",
  "peers",
  "dispatchers",
  "mode",
  "cells",
  "calmMs",
  "faultsMs",
  "settleMs",
  "workloads",
  "faults",
]

/** Which numbers a verb needs, and from where to where they go. */
const ARGS: Readonly<Partial<Record<Verb, readonly [name: string, low: number, high: number]>>> = {
  slow: ["ms", 1, 60_000],
  jitter: ["ms", 1, 60_000],
  throttle: ["kbps", 1, 1_000_000],
  slice: ["bytes", 1, 65_536],
  skew: ["ms", -DAY * 365, DAY * 365],
  tear: ["bytes", 1, 2 ** 30],
}

const checkFault = (value: unknown, path: string, plan: Plan): void => {
  const fields = recordAt(value, path)
  known(fields, `${path}.`, ["at", "verb", "targets", "forMs", "args", "shape"])
  oneOf(fields["verb"], `${path}.verb`, [...PROCESS_VERBS, ...LINK_VERBS])
  whole(fields["at"], `${path}.at`, 0, plan.faultsMs)
  const at = Number(fields["at"])
  if (fields["forMs"] !== undefined) whole(fields["forMs"], `${path}.forMs`, 1, plan.faultsMs - at)
  const fault = value as Fault
  const peer = (name: unknown, where: string): void => {
    const isPeer = typeof name === "string" && /^p(0|[1-9][0-9]{0,3})$/.test(name)
    if (!isPeer) expected(where, "a peer such as p0", name)
    const isFounder = Number(String(name).slice(1)) < plan.peers
    const joins = plan.faults.some(
      (other) => other.verb === "join" && other.targets.includes(String(name)) && other.at <= at,
    )
    if (fault.verb === "join" && isFounder)
      expected(where, `a peer that is no founder: p${plan.peers} or later`, name)
    if (fault.verb !== "join" && !isFounder && !joins)
      expected(where, `one of the founders p0 to p${plan.peers - 1}, or a peer that has joined`, name)
  }
  const targets = listAt(fields["targets"], `${path}.targets`)
  if (targets.length === 0) expected(`${path}.targets`, "one target at least", targets)
  for (const [n, target] of targets.entries()) {
    const where = `${path}.targets[${n}]`
    if (!isLinkFault(fault)) peer(target, where)
    else if (!Array.isArray(target) || target.length !== 2 || target[0] === target[1])
      expected(where, 'a link such as ["p0","p1"]', target)
    else {
      const [from, to] = target as ReadonlyArray<unknown>
      if (typeof from === "string" && /^d[0-9]/.test(from)) dispatcher(from, `${where}[0]`, plan)
      else peer(from, `${where}[0]`)
      peer(to, `${where}[1]`)
    }
  }
  const args = fields["args"] === undefined ? {} : recordAt(fields["args"], `${path}.args`)
  const needed = ARGS[fault.verb]
  known(args, `${path}.args.`, needed === undefined ? [] : [needed[0]])
  if (needed !== undefined) whole(args[needed[0]], `${path}.args.${needed[0]}`, needed[1], needed[2])
}

const dispatcher = (name: string, where: string, { dispatchers }: Plan): void => {
  const isOne = /^d(0|[1-9][0-9]?)$/.test(name) && Number(name.slice(1)) < dispatchers
  if (!isOne) expected(where, `one of the dispatchers d0 to d${dispatchers - 1}`, name)
}

const expected = (path: string, what: string, got: unknown): never => {
  const text = got === undefined ? "nothing" : JSON.stringify(got)
  throw new RangeError(
    `${path}: expected ${what}, got ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`,
  )
}

const recordAt = (value: unknown, path: string): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : expected(path, "an object", value)

const listAt = (value: unknown, path: string): ReadonlyArray<unknown> =>
  Array.isArray(value) ? value : expected(path, "a list", value)

const known = (
  fields: Readonly<Record<string, unknown>>,
  path: string,
  names: ReadonlyArray<string>,
): void => {
  const stranger = Object.keys(fields).find((name) => !names.includes(name))
  if (stranger === undefined) return
  throw new RangeError(
    `${path}${stranger}: there is no such field; there ${names.length === 0 ? "are none" : `is ${names.join(", ")}`}`,
  )
}

const whole = (value: unknown, path: string, low: number, high: number): void => {
  if (!Number.isSafeInteger(value) || Number(value) < low || Number(value) > high)
    expected(path, `a whole number from ${low} to ${high}`, value)
}

const oneOf = (value: unknown, path: string, choices: ReadonlyArray<unknown>): void => {
  if (!choices.includes(value)) expected(path, `one of ${choices.join(", ")}`, value)
}
