import type { DiskOptions } from "../DiskOptions.ts"

/** What peers of tests say of their disk, and that they ask nobody else for it. */
export const SOME_DISK = "d".repeat(32)

export const someDisk: DiskOptions = { own: SOME_DISK, isKnown: () => true, onDisowned: () => {} }
