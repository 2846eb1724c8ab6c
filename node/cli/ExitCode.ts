/**
 * What the exit status of `ringstead` says. 0, 1 and 2 are verdicts of the commands that look at a ring; the others
 * follow sysexits(3), so that a verdict is never taken for a mistake in the command itself.
 */
export const ExitCode = {
  /** Done; for the commands that look at a ring: all is well. */
  ok: 0,
  /** The ring serves, but something is missing or not yet right. */
  degraded: 1,
  /** The ring does not serve, or nobody answers. */
  broken: 2,
  /** The harness of a campaign failed: the run says nothing about the ring. */
  harness: 3,
  /** The command line itself is wrong: unknown command, unknown flag, a value that cannot be read (EX_USAGE). */
  usage: 64,
  /** Something needed from outside is not to be had: a port, the service, a peer to join (EX_UNAVAILABLE). */
  unavailable: 69,
  /** A defect of ringstead (EX_SOFTWARE). */
  internal: 70,
  /** A genesis file, a data directory or a combination of options that cannot work (EX_CONFIG). */
  config: 78,
} as const

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The table shown by `ringstead --help`. */
export const EXIT_CODES: ReadonlyArray<readonly [ExitCode, string]> = [
  [ExitCode.ok, "fine"],
  [
    ExitCode.degraded,
    "degraded (status, lookup, check-ring, session), a goal missed (bench), violated (check, chaos, simulate), refuted (prove)",
  ],
  [
    ExitCode.broken,
    "broken (status, lookup, check-ring, session), or not all seen (check, chaos, simulate, prove)",
  ],
  [ExitCode.harness, "the harness of a campaign failed (chaos)"],
  [ExitCode.usage, "the command line is wrong"],
  [ExitCode.unavailable, "a port, the service or a peer is not to be had"],
  [ExitCode.internal, "a defect of ringstead"],
  [ExitCode.config, "a genesis file, a data directory or an option cannot work"],
]
