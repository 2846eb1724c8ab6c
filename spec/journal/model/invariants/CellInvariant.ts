import type { Invariant } from "../../../explorer/System.ts"
import type { Cell } from "../Cell.ts"

/** What must be so in every state of a cell; named by its file, and by the same name as the claim about histories. */
export type CellInvariant = Invariant<Cell>
