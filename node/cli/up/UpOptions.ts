import type { Mode } from "../../../core/peer/Genesis.ts"
import type { JournalOptions } from "../process/JournalFlags.ts"
import type { ClientSource } from "../../dispatcher/DispatchOptions.ts"

/** All that `up` is told. */
export interface UpOptions {
  readonly peers: number
  readonly dispatchers: number
  /** Of the first dispatcher, the others follow; undefined for whatever is free. */
  readonly port: number | undefined
  readonly data: string
  readonly isDefaultData: boolean
  /** Command line of the service; undefined for the sample that comes with the package. */
  readonly service: string | undefined
  readonly client: ReadonlyArray<ClientSource>
  /** null for never. */
  readonly restartAfterMs: number | null
  /** Undefined for the default of a new ring and for whatever an existing one has. */
  readonly cells: number | undefined
  readonly replicas: number | undefined
  readonly mode: Mode | undefined
  /** Show what the services write. */
  readonly verbose: boolean
  /** Directory for the protocol traces of all peers; undefined for none. */
  readonly trace: string | undefined
  readonly serviceReadyMs: number
  readonly serviceAnswerMs: number
  readonly tickMs: number
  readonly suspectAfterMs: number
  readonly deadlineMs: number
  readonly bodyLimit: number
  /** Of every peer. */
  readonly journal: JournalOptions
}
