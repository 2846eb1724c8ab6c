/**
 * What node is told wherever `up` starts it, the sample service included, so that a dozen processes get along on two cores
 * (README, Decisions). To look through what was made lately 4 MiB at a time, not 16: one such look took 20 ms of processor
 * time and, since its threads wait for one another and for a core, 140 ms by the clock, in which nobody was answered. Not to
 * look through all there is before that is 128 MiB: each process did every few seconds. And to have one thread beside the
 * main one for that and for compiling, not four.
 */
export const SHORT_PAUSES: ReadonlyArray<string> = [
  "--max-semi-space-size=4",
  "--initial-heap-size=128",
  "--v8-pool-size=1",
]
