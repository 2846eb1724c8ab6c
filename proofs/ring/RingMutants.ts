import { and, not } from "../smt/Formula.ts"
import type { Mutant, Obligation } from "../smt/Obligation.ts"
import { weakened } from "../smt/TransitionSystem.ts"
import { ringProtocol } from "./RingProtocol.ts"
import { listTheorems } from "./RingTheorems.ts"

const ring = ringProtocol(2)
const lists = (peer: string): Mutant["show"] =>
  ["s1", "s2", "target", "s1+", "s2+"].map((field) => ({
    label: `${field}(${peer})`,
    sort: "Id",
    term: `(${field} ${peer})`,
  }))

const at = (value: string, field: string): string => `(ite (= x t) ${value} (${field} x))`

const noDuplicates = listTheorems(2, 2).find(({ name }) => name.endsWith("/NoDuplicates")) as Obligation

/** The mutants of spec/ring/model that break safety, each by the name it has there; lists of two, eight ids. */
export const ringMutants: ReadonlyArray<Mutant> = [
  {
    name: "suspect-first-successor",
    about: "a first successor that is alive is taken for dead",
    obligation: weakened(ring, "time-out", () => ({
      guard: and("(member t)", "(asks t)", not("(answered t)")),
    })),
    show: lists("t"),
  },
  {
    name: "splice-tail",
    about: "the head of a list comes from one responder, the tail from another",
    obligation: weakened(ring, "apply", ({ effect }) => ({
      effect: { ...effect, s2: at("(ite (stabilizes t) (a1 t) (s2 t))", "s2") },
    })),
    show: lists("t"),
  },
  {
    name: "join-without-between",
    about: "any member lets a newcomer in behind itself",
    obligation: weakened(ring, "join", () => ({
      guard: and(not("(member j)"), not("(joining j)"), not("(dead j)"), "(member m)"),
    })),
    show: [
      { label: "s1(m)", sort: "Id", term: "(s1 m)" },
      { label: "s2(m)", sort: "Id", term: "(s2 m)" },
    ],
  },
  {
    name: "adopt-unasked",
    about: "the successor's predecessor is adopted without asking whether it is alive",
    obligation: weakened(ring, "apply", ({ effect }) => ({
      effect: {
        ...effect,
        s1: at("(ite (and (stabilizes t) (between t (ap t) (target t))) (ap t) (target t))", "s1"),
        s2: at("(ite (and (stabilizes t) (between t (ap t) (target t))) (target t) (a1 t))", "s2"),
        asks: "(and (asks x) (distinct x t))",
      },
    })),
    show: lists("t"),
  },
  {
    name: "hear-without-between",
    about: "anybody heard of is adopted as first successor, nearer or not",
    obligation: weakened(ring, "hear", () => ({
      guard: and("(member t)", not("(asks t)"), "(member u)", "(distinct u t (s1 t))"),
    })),
    show: lists("t"),
  },
  {
    name: "fail-ignores-flights",
    about: "a failure takes the last live entry of a list in flight",
    obligation: weakened(ring, "fail", () => ({ guard: and("(member f)", "OneLiveSuccessor+") })),
    show: [],
  },
  {
    name: "fail-beyond-assumption",
    about: "failures leave fewer than L + 1 principals",
    obligation: noDuplicates,
    show: [],
  },
]
