import type { Member, Record, Replica, Stored } from "./Replica.ts"

/** What happens in one cell, as far as the journal's promises speak of it. */
export type Happening =
  /** A step of a peer changed its replica, or acknowledged something; null: it has none. */
  | {
      readonly type: "step"
      readonly member: Member
      /** What the step answered: the kind of event, or of message. */
      readonly cause: string
      readonly before: Replica | null
      readonly after: Replica | null
      readonly acks: ReadonlyArray<Ack>
    }
  /**
   * A record was among the writes that reached a peer's disk; the last of them is on it now. Those before it count too:
   * a peer may accept and install at once.
   */
  | { readonly type: "recorded"; readonly member: Member; readonly record: Record }
  /** Writes of a peer reached its disk, all of a command: this is what it has now. */
  | { readonly type: "stored"; readonly member: Member; readonly stored: Stored }
  /** A client asked something that only looks. */
  | { readonly type: "asked"; readonly token: number; readonly client: string }
  /**
   * It got an answer, which shows these requests as applied, from a peer whose log had that length when the question came
   * to it.
   */
  | {
      readonly type: "looked"
      readonly token: number
      readonly shown: ReadonlyArray<string>
      readonly length: number
    }
  /** A client's request got an answer out of the journal, from entry number `entry`. */
  | {
      readonly type: "answered"
      readonly client: string
      readonly id: string
      readonly entry: number
      readonly response: string
    }

/** That a member says it holds a log of that length in that epoch. */
export interface Ack {
  readonly epoch: number
  readonly length: number
}
