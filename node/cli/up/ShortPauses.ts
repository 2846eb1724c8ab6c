/**
 * What node is told wherever `up` starts it, the sample service included: to look through what was made lately 4 MiB at a
 * time, not 16. With a dozen processes on two cores one such look took 20 ms of processor time and, since its threads wait for
 * one another and for a core, 140 ms by the clock, in which nobody was answered; so it takes a few.
 */
export const SHORT_PAUSES = "--max-semi-space-size=4"
