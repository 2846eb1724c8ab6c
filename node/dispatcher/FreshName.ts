import { randomFillSync } from "node:crypto"

/** Bytes of a drawn name: 128 random bits, so that no two are ever the same. */
const BYTES = 16

/** Drawing many at once costs a tenth of drawing each. */
const pool = Buffer.alloc(BYTES * 512)
let used = pool.length

/** A client name that nobody has had before: 32 hexadecimal digits. */
export const freshName = (): string => {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const name = pool.toString("hex", used, used + BYTES)
  used += BYTES
  return name
}
