import type { Call } from "../../history/Call.ts"
import type { WorkloadName } from "../../plan/Plan.ts"
import { cart } from "./Cart.ts"
import { counter } from "./Counter.ts"
import { ledger } from "./Ledger.ts"
import type { Model } from "./Model.ts"

/** Lets `use` have the model of a session of that workload, whatever its state is. */
export const withModel = <A>(
  workload: WorkloadName,
  calls: ReadonlyArray<Call>,
  use: <S>(model: Model<S>) => A,
): A => {
  switch (workload) {
    case "cart":
      return use(cart)
    case "ledger":
      return use(ledger(calls))
    case "counter":
    case "short":
    case "hot":
      return use(counter)
  }
}
