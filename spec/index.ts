/**
 * The specification as a library, `ringstead/spec`: an explorer for any protocol, and what it explores of ours; one
 * namespace a concept. Nothing in this repository imports it.
 *
 * @example
 * import { Explore, Retell, type System } from "ringstead/spec"
 */
export * as Assumptions from "./assumptions/Assumptions.ts"
export * as Explore from "./explorer/Explore.ts"
export * as Play from "./scenario/Play.ts"
export * as Report from "./explorer/Report.ts"
export * as Retell from "./explorer/Retell.ts"
export * as RingActions from "./ring/model/RingActions.ts"
export * as RingSystem from "./ring/model/RingSystem.ts"
export * as Scenario from "./scenario/Scenario.ts"
export * as Subject from "./explorer/Subject.ts"
export * as System from "./explorer/System.ts"
