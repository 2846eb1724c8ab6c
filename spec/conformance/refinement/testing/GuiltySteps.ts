import type { CoreOptions } from "../../explored/CoreState.ts"
import { inWorker } from "../../explored/testing/InWorker.ts"
import { mutants } from "../../mutants/Mutants.ts"

/** A weakened rule, in the smallest scope that shows it, and the step that is none of the model's. */
export interface Guilt {
  readonly mutant: string
  readonly options: Partial<CoreOptions>
  readonly step: RegExp
  /** What is otherwise than the model could have it. */
  readonly problem: RegExp
}

const none: CoreOptions = { requests: 0, crashes: 0, restarts: 0, mistakes: 0, waits: 0 }

/** Explores the code with that rule weakened: what is found, and the last step of the shortest way there. */
export const guiltyStep = async ({
  mutant,
  options,
}: Guilt): Promise<{ readonly finding: string | null; readonly step: string | undefined }> => {
  const patches = mutants.find(({ name }) => name === mutant)?.patches ?? []
  const task = { patches, options: { ...none, ...options }, states: 20_000, isRefined: true }
  const { finding, way } = await inWorker(task)
  const steps = way.flatMap((line) => /^ *\d+ {2}([a-z]+ .*)$/.exec(line)?.[1] ?? [])
  return { finding, step: steps.at(-1) }
}
