import type { Turn } from "../peer/Turn.ts"
import type { Replica } from "../replication/Replica.ts"

/** A cell's replica is another one than `before` the event: what becomes of its sessions. */
export const follow = (_turn: Turn, _cell: number, _before: Replica | null): void => {}
