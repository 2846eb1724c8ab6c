import { correctedChord } from "./CorrectedChord.ts"
import { environment } from "./RingEnvironment.ts"
import type { RingRule } from "./RingRule.ts"

/** What may happen in a ring by our rules, in words: others hold their lists against this one. */
export const ringActions: ReadonlyArray<Pick<RingRule, "name" | "by" | "guard" | "effect">> = [
  ...correctedChord(),
  ...environment(() => true),
].map(({ name, by, guard, effect }) => ({ name, by, guard, effect }))
