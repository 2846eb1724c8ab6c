/** Why a message is refused; for a request also how it is answered. */
export interface HttpProblem {
  readonly ok: false
  /** The status for a client that sent such a request: 400 and up. */
  readonly status: number
  /** Short and stable, for `Ringstead-Status`. */
  readonly code: string
  /** One line in plain words: what is wrong and what would be right. */
  readonly reason: string
}

export const problem = (status: number, code: string, reason: string): HttpProblem => ({
  ok: false,
  status,
  code,
  reason,
})

/** A message that breaks the grammar; read leniently it could mean two things to two programs. */
export const malformed = (reason: string): HttpProblem => problem(400, "malformed", reason)
