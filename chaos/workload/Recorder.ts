import type { Operation } from "../history/Operation.ts"

/** An operation as a client tells of it; number and time are the recorder's. */
export type Told = Omit<Operation, "index" | "time">

/** The history of a run, as it is seen. */
export class Recorder {
  readonly history: Array<Operation> = []

  write(told: Told): void {
    this.history.push({ index: this.history.length, time: Number(process.hrtime.bigint()), ...told })
  }
}
